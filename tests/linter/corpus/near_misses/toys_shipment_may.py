"""Which toys of a shipment may be sold?"""

from weft.primitives import AgentFailed, agent, parallel

ARGS = {
    "type": "object",
    "properties": {"toys": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["toys"],
}
INSPECTION = {
    "type": "object",
    "properties": {"small_parts": {"type": "boolean"}, "sharp": {"type": "boolean"}, "toxic": {"type": "boolean"}},
    "required": ["small_parts", "sharp", "toxic"],
}


async def hazards(toy):
    try:
        seen = await agent(f"Inspect the photos and the data sheet of {toy}.", schema=INSPECTION, critical=True)
    except AgentFailed:
        return []
    return [name for name, present in seen.items() if present]


async def main(args):
    found = await parallel([hazards(toy) for toy in args["toys"]])
    return {
        "safe": [toy for toy, names in zip(args["toys"], found) if names == []],
        "held": {toy: names for toy, names in zip(args["toys"], found) if names},
    }
