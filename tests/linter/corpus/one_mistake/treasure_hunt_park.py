"""A treasure hunt in the park: stations with places, and a riddle for each."""

from weft.primitives import agent, pipeline

ARGS = {"type": "object", "properties": {"park": {"type": "string"}}, "required": ["park"]}
HUNT = {
    "type": "object",
    "properties": {"stations": {"type": "array", "maxItems": 8, "items": {"$ref": "#/$defs/station"}}},
    "required": ["stations"],
    "$defs": {
        "spot": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "steps_from_gate": {"type": "integer"}},
            "required": ["name", "steps_from_gate"],
        }
    },
}


async def riddle(station):
    text = await agent(f"Write a riddle whose answer is {station['name']}.")
    return {"name": station["name"], "steps": station["steps_from_gate"], "riddle": text}


async def main(args):
    hunt = await agent(f"Choose stations for a treasure hunt in {args['park']}.", schema=HUNT)
    if hunt is None:
        return []
    stations = await pipeline(hunt["stations"], riddle)
    return sorted((one for one in stations if one), key=lambda one: one["steps"])
