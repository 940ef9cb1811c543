"""Draft a job advertisement and improve it until three readers accept it, or four rounds are over."""

from weft.primitives import agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"role": {"type": "string"}}, "required": ["role"]}
OPINION = {
    "type": "object",
    "properties": {"accept": {"type": "boolean"}, "change": {"type": "string", "maxLength": 300}},
    "required": ["accept", "change"],
}
READERS = ["a senior engineer with two children", "a recruiter who has 40 roles open", "an employment lawyer"]


async def main(args):
    phase("Draft")
    text = await agent(f"Write a job advertisement for: {args['role']}", tools=[], label="draft", critical=True)
    ended = "rounds over"
    left = 4
    while left > 0:
        left -= 1
        phase(f"Read, {left} rounds left")
        opinions = await parallel(
            [agent(f"You are {reader}. Would you accept this advertisement?\n{text}", schema=OPINION, tools=[], label=reader) for reader in READERS]
        )
        heard = [opinion for opinion in opinions if opinion is not None]
        if len(heard) == len(READERS) and all(opinion["accept"] for opinion in heard):
            ended = "accepted"
            break
        wishes = [opinion["change"] for opinion in heard if not opinion["accept"]]
        if not wishes:
            log("nobody asks for a change")
            continue
        revised = await agent(f"Revise:\n{text}\nReaders ask for: {'; '.join(wishes)}", tools=[], label="revise")
        if revised is not None:
            text = revised
    return {"text": text, "ended": ended}
