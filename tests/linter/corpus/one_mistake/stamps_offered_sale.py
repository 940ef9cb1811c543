"""Stamps offered for sale: describe each, and keep out the forgeries."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"offers": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["offers"],
}
STAMP = {
    "type": "object",
    "properties": {"country": {"type": "string"}, "year": {"type": "integer"}, "overprint": {"type": "string"}},
    "required": ["country", "year", "overprint"],
}
OPINION = {"type": "object", "properties": {"forged": {"type": "boolean"}}, "required": ["forged"]}


def describe(offer):
    return agent(f"Describe the stamp in the offer {offer}.", schema=STAMP, label=offer)


async def genuine_only(stamp, offer):
    opinion = await agent(
        f"Try to show that {offer} is forged: {stamp['country']} {stamp['year']}, {stamp['overprint']}", schema=OPINION
    )
    match opinion:
        case {"forged": True}:
            return None
        case _:
            return {"offer": offer, **stamp}


async def main(args):
    catalogue = [row for row in await pipeline(args["offers"], describe, genuine_only) if row]
    return sorted(catalogue, key=lambda row: (row["country"], row["year"]))
