"""Catalogue a wine cellar: vintage, region, drink-by year."""

from dataclasses import dataclass

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"bottles": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["bottles"],
}
WINE = {
    "type": "object",
    "properties": {"region": {"type": "string"}, "vintage": {"type": "integer"}, "drink_by": {"type": "integer"}},
    "required": ["region", "vintage", "drink_by"],
}


@dataclass
class Bottle:
    label: str
    region: str
    vintage: int
    drink_by: int

    def years(self):
        return self.drink_by - self.vintage

    def row(self):
        return {"years": self.years(), **self.__dict__}


async def main(args):
    labels = args["bottles"]
    replies = await parallel([agent(f"Region, vintage and drink-by year of {label}", schema=WINE) for label in labels])
    cellar = [Bottle(label, r["region"], r["vintage"], r["drink_by"]) for label, r in zip(labels, replies) if r]
    cellar.sort(key=lambda bottle: (bottle.drink_by, bottle.label))
    return [bottle.row() for bottle in cellar]
