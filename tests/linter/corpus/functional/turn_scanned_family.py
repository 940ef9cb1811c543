"""Turn scanned family recipes into one shopping list for a dinner."""

from collections import defaultdict
from functools import partial
from itertools import chain

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "recipes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 20},
        "guests": {"type": "integer", "minimum": 1, "maximum": 40},
    },
    "required": ["recipes", "guests"],
}
INGREDIENTS = {
    "type": "object",
    "properties": {
        "ingredients": {
            "type": "array",
            "maxItems": 30,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "grams": {"type": "number"}},
                "required": ["name", "grams"],
            },
        }
    },
    "required": ["ingredients"],
}

present = partial(filter, None)
flat = lambda field, replies: chain.from_iterable(reply[field] for reply in present(replies))


def total(items):
    sums = defaultdict(float)
    for item in items:
        sums[item["name"].strip().lower()] += item["grams"]
    return [{"name": name, "grams": round(grams)} for name, grams in sorted(sums.items())]


async def main(args):
    read = lambda path: agent(
        f"List the ingredients of {path} in grams for {args['guests']} people.", schema=INGREDIENTS, label=f"recipe:{path}"
    )
    replies = await parallel(map(read, args["recipes"]))
    return {"list": total(flat("ingredients", replies)), "unread": [p for p, r in zip(args["recipes"], replies) if not r]}
