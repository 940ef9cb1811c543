"""Ask for a haiku about the harbour until a metre checker is content; at most four attempts count."""

from weft.primitives import agent, log

VERSE = {
    "type": "object",
    "properties": {"lines": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "string"}}},
    "required": ["lines"],
}
METRE = {
    "type": "object",
    "properties": {"right": {"type": "boolean"}, "where": {"type": "string"}},
    "required": ["right", "where"],
}
ATTEMPTS = 4


async def main(args):
    attempts, hint, best = 0, "none so far", None
    while attempts < ATTEMPTS:
        verse = await agent(f"Write a haiku about the harbour at night. Objections before: {hint}", schema=VERSE)
        match verse:
            case None:
                log("no verse came back, ask again")
            case {"lines": lines}:
                attempts += 1
                best = " / ".join(lines)
                metre = await agent(f"Count the syllables (5, 7, 5) in: {best}", schema=METRE)
                if metre and metre["right"]:
                    return {"haiku": best, "attempts": attempts}
                hint = metre["where"] if metre else hint
    return {"haiku": best, "attempts": attempts}
