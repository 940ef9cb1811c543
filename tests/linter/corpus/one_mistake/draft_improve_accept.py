"""Draft, improve and accept a privacy notice for a small web shop."""

from weft.primitives import agent, log, phase

META = {"name": "privacy-notice", "description": "Draft a privacy notice until a lawyer's eye is satisfied"}
ARGS = {"type": "object", "properties": {"facts": {"type": "string"}}, "required": ["facts"]}
VERDICT = {
    "type": "object",
    "properties": {"accepted": {"type": "boolean"}, "objections": {"type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 300}}},
    "required": ["accepted", "objections"],
}


async def review(text):
    return await agent(f"You are a privacy lawyer. Is this notice complete?\n{text}", schema=VERDICT, label="review")


async def main(args):
    phase("Draft")
    draft = await agent(f"Write a privacy notice for a shop with these facts: {args['facts']}", label="draft", critical=True)
    phase("Improve")
    accepted = False
    while not accepted:
        verdict = await review(draft)
        if verdict is None:
            log("review lost, trying again")
            continue
        accepted = verdict["accepted"]
        if not accepted:
            draft = await agent(f"Revise the notice:\n{draft}\nObjections: {verdict['objections']}", label="revise", critical=True)
    return {"notice": draft}
