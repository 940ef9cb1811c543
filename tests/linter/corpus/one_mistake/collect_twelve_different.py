"""Collect twelve different lentil dishes from different countries."""

from weft.primitives import agent

DISHES = {
    "type": "object",
    "properties": {
        "dishes": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "country": {"type": "string"}},
                "required": ["name", "country"],
            },
        }
    },
    "required": ["dishes"],
}


async def main(args):
    by_country = {}
    while True:
        if len(by_country) >= 12:
            break
        have = ", ".join(by_country) or "none"
        reply = await agent(f"Name lentil dishes from countries other than: {have}.", schema=DISHES)
        if reply is None:
            continue
        for dish in reply["dishes"]:
            by_country.setdefault(dish["country"], dish["name"])
    return by_country
