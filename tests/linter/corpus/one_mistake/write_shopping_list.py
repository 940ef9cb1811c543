"""Write one shopping list for the recipes of a week."""

from functools import reduce

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "required": ["recipes"],
    "properties": {"recipes": {"type": "array", "items": {"type": "string"}, "maxItems": 21}},
}
NEEDS = {
    "type": "object",
    "required": ["ingredients"],
    "properties": {"ingredients": {"type": "array", "maxItems": 30, "items": {"type": "string", "maxLength": 40}}},
}
PANTRY = frozenset({"salt", "oil", "flour", "sugar"})


def needs(reply):
    return frozenset(map(str.casefold, reply["ingredients"]))


async def main(args):
    replies = await parallel([agent(f"List the ingredients of recipe {r}, singular.", schema=NEEDS) for r in args["recipes"]])
    missing = reduce(frozenset.union, map(needs, filter(None, replies)), frozenset()) - PANTRY
    if not missing:
        return {"list": "nothing to buy"}
    listing = await agent("Sort these ingredients by shop aisle: " + ", ".join(missing))
    return {"list": listing, "count": len(missing)}
