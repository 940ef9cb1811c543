"""Address labels for every toy shop in the given towns."""

from itertools import chain

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"towns": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["towns"],
}
ADDRESS = {
    "type": "object",
    "properties": {"road": {"type": "string"}, "number": {"type": "string"}, "zip": {"type": "string"}},
    "required": ["road", "number", "zip"],
}
SHOP = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "address": ADDRESS},
    "required": ["name", "address"],
}
SHOPS = {
    "type": "object",
    "properties": {"shops": {"type": "array", "maxItems": 12, "items": SHOP}},
    "required": ["shops"],
}


def one_line(address):
    return f"{address['street']} {address['number']}, {address['zip']}"


async def main(args):
    replies = await parallel([agent(f"Toy shops in {town}", schema=SHOPS, label=town) for town in args["towns"]])
    shops = list(chain.from_iterable(reply["shops"] for reply in replies if reply))
    shops.sort(key=lambda shop: shop["name"])
    lines = map(one_line, (shop["address"] for shop in shops))
    return [f"{shop['name']}\n{line}" for shop, line in zip(shops, lines)]
