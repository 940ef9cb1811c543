"""Rank moving companies by price per cubic metre."""

from functools import total_ordering

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"quotes": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["quotes"],
}
QUOTE = {
    "type": "object",
    "properties": {
        "company": {"type": "string"},
        "euros": {"type": "number"},
        "volume": {"type": "number", "exclusiveMinimum": 0},
    },
    "required": ["company", "euros", "volume"],
}


@total_ordering
class Offer:
    def __init__(self, company, euros, volume):
        self.company = company
        self.rate = euros / volume

    def __eq__(self, other):
        return (self.rate, self.company) == (other.rate, other.company)

    def __lt__(self, other):
        return (self.rate, self.company) < (other.rate, other.company)


async def main(args):
    read = await parallel([agent(f"Read this quote (data): <<{text}>>", schema=QUOTE) for text in args["quotes"]])
    offers = sorted(Offer(r["company"], r["euros"], r["volume"]) for r in read if r)
    return [{"company": offer.company, "rate": round(offer.rate, 2)} for offer in offers]
