"""Gather open questions about a software licence change from every forum until enough are on the table."""
from weft.primitives import Seen, agent, log, parallel, phase, until_target

ARGS = {
    "type": "object",
    "properties": {"forums": {"type": "array", "items": {"type": "string"}, "maxItems": 7}, "licence": {"type": "string"}},
    "required": ["forums", "licence"],
}
QUESTIONS = {
    "type": "object",
    "properties": {
        "questions": {"type": "array", "maxItems": 6, "items": {
            "type": "object",
            "properties": {"thread_url": {"type": "string"}, "question": {"type": "string"}},
            "required": ["thread_url", "question"]}},
    },
    "required": ["questions"],
}
ANSWER = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "clause": {"type": "string"}},
    "required": ["answer", "clause"],
}


async def main(args):
    seen = Seen(key=lambda q: q["thread_url"])
    collected = []

    async def listen(forum, turn):
        reply = await agent(
            f"Turn {turn}: which questions on the change to {args['licence']} stand open in {forum}? {len(seen)} are known.",
            schema=QUESTIONS,
            label=f"{forum}:{turn}",
        )
        return seen.add(reply["questions"]) if reply else []

    for turn in until_target(25, max_rounds=4):
        phase(f"Listen {turn.number}")
        batches = await parallel([listen(forum, turn.number) for forum in args["forums"]])
        fresh = [q for batch in batches if batch for q in batch]
        collected.extend(fresh)
        log(f"{len(collected)} questions")

    phase("Answer")
    top = sorted(collected, key=lambda q: q["thread_url"])[:12]
    answers = await parallel([
        agent(f"Answer from the text of {args['licence']}, with the clause: {q['question']}", schema=ANSWER, label=q["thread_url"])
        for q in top
    ])
    return {"answers": [{**q, **a} for q, a in zip(top, answers) if a], "questions": len(collected)}
