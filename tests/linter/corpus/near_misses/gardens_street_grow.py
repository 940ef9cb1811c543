"""What do the gardens of the street grow? A count by plant and by kind of soil."""

from collections import Counter
from dataclasses import asdict, dataclass

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"gardens": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["gardens"],
}
GARDEN = {
    "type": "object",
    "properties": {
        "soil": {"enum": ["sand", "loam", "clay"]},
        "plants": {"type": "array", "maxItems": 15, "items": {"type": "string"}},
    },
    "required": ["soil", "plants"],
}


@dataclass(frozen=True)
class Garden:
    number: str
    soil: str
    plants: tuple


async def main(args):
    replies = await parallel([agent(f"What grows in the garden {one}?", schema=GARDEN) for one in args["gardens"]])
    gardens = [
        Garden(number, reply["soil"], tuple(sorted({plant.lower() for plant in reply["plants"]})))
        for number, reply in zip(args["gardens"], replies)
        if reply
    ]
    different = {plant for garden in gardens for plant in garden.plants}
    counted = Counter(plant for garden in gardens for plant in garden.plants)
    rare = await agent(f"Which of these plants need care in winter: {', '.join(sorted(different)[:40])}")
    return {
        "gardens": [asdict(garden) for garden in gardens],
        "plants": {plant: counted[plant] for plant in sorted(counted)},
        "soils": Counter(garden.soil for garden in gardens),
        "winter": rare,
    }
