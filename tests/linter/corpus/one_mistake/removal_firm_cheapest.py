"""Which removal firm is cheapest for a move across the country?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"movers": {"type": "array", "items": {"type": "string"}, "maxItems": 15}, "volume": {"type": "integer"}},
    "required": ["movers", "volume"],
}
QUOTE = {
    "type": "object",
    "properties": {"price": {"type": "number"}, "insured": {"type": "boolean"}},
    "required": ["price", "insured"],
}


async def main(args):
    movers = args["movers"]
    if not movers:
        return []
    quotes = await parallel([agent(f"What does {m} ask for moving {args['volume']} cubic metres?", schema=QUOTE) for m in movers])
    ranking = sorted(zip(movers, quotes), key=lambda pair: (not pair[1]["insured"], pair[1]["price"]))
    return [{"mover": mover, **quote} for mover, quote in ranking[:3] if quote]
