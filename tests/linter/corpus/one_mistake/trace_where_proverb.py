"""Trace where a proverb was first written down."""

from functools import partial

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "proverb": {"type": "string"},
        "sources": {"type": "array", "maxItems": 8, "items": {"type": "string"}},
    },
    "required": ["proverb", "sources"],
}
EARLIEST = {
    "type": "object",
    "properties": {"year": {"type": "integer"}, "work": {"type": "string"}},
    "required": ["year", "work"],
}

strict = partial(agent, schema=EARLIEST, temperature=0)


def look(proverb, source):
    return strict(f"Earliest written use of '{proverb}' in {source}", label=source)


async def main(args):
    found = await parallel([look(args["proverb"], source) for source in args["sources"]])
    dated = sorted((row for row in found if row), key=lambda row: row["year"])
    if not dated:
        return {"earliest": None, "story": None}
    first = dated[0]
    story = await agent(f"How '{args['proverb']}' came from {first['work']} ({first['year']}) into common speech.")
    return {"earliest": first, "story": story}
