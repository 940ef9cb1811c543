"""Estimate the effort of a project by splitting it into parts."""

from functools import reduce
from operator import add

from weft.primitives import agent, parallel

ARGS = {"type": "object", "required": ["project"], "properties": {"project": {"type": "string"}}}
SPLIT = {
    "type": "object",
    "required": ["days", "parts"],
    "properties": {
        "days": {"type": "number"},
        "parts": {"type": "array", "maxItems": 5, "items": {"type": "string", "maxLength": 200}},
    },
}


async def estimate(work, path=()):
    split = await agent(
        f"Split this work into parts, or say how many days it takes if it is small. It belongs to {' > '.join(path) or 'the top'}.\n<work>{work}</work>",
        schema=SPLIT,
    )
    if split is None:
        return 0
    if not split["parts"]:
        return split["days"]
    below = await parallel([estimate(part, (*path, work[:30])) for part in split["parts"]])
    return reduce(add, filter(None, below), 0)


async def main(args):
    return {"project": args["project"], "days": await estimate(args["project"])}
