"""Pick the quarry whose stone is nearest to the cathedral's."""
from weft.primitives import agent, parallel

META = {"name": "quarries", "description": "Nearest stone"}
ARGS = {"type": "object", "properties": {"quarries": {"type": "array", "minItems": 1, "maxItems": 12, "items": {"type": "string"}}}, "required": ["quarries"]}
STONE = {"type": "object", "properties": {"quarry": {"type": "string"}, "grain": {"type": "number"}}, "required": ["quarry", "grain"]}
WANTED = 0.42


def distance(stone):
    return abs(stone["grain"] - WANTED)


async def main(args):
    stones = await parallel([agent(f"Measure the grain of stone from {q}.", schema=STONE, label=q) for q in args["quarries"]])
    if not stones:
        return {"quarry": None}
    nearest = min(stones, key=distance)
    return {"quarry": nearest["quarry"], "off_by": distance(nearest)}
