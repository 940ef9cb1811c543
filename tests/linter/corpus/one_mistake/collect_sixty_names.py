"""Collect sixty names for a new line of teas."""

from weft.primitives import Seen, agent, parallel, until_target

ARGS = {"type": "object", "properties": {"brief": {"type": "string"}}, "required": ["brief"]}
NAMES = {
    "type": "object",
    "properties": {"names": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["names"],
}
MOODS = ("calm and old-fashioned", "bold and modern")


async def main(args):
    known = Seen(key=str.casefold)
    names = []
    for attempt in until_target(60, max_rounds=3):
        replies = await parallel(
            [agent(f"{args['brief']}\nTea names, {mood}. Taken already: {', '.join(names[-30:])}", schema=NAMES) for mood in MOODS]
        )
        new = known.add(name for reply in replies if reply for name in reply["names"])
        attempt.found(new)
        names += new
    return {"names": names}
