"""Check the climate of museum rooms and say which one to repair first."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"rooms": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
    "required": ["rooms"],
}
VALUE = {"type": "object", "properties": {"value": {"type": "number"}}, "required": ["value"]}


async def measure(room):
    light = await agent(f"Read the mean light level (lux) of room {room} from its log.", schema=VALUE)
    damp = await agent(f"Read the mean humidity (percent) of room {room} from its log.", schema=VALUE)
    if not light or not damp:
        return None
    return {"room": room, "light": light["value"], "damp": damp["value"]}


async def main(args):
    rooms = [m for m in await pipeline(args["rooms"], measure) if m]
    table = "\n".join(f"{m['room']}: {m['light']} lux, {m['damp']} %" for m in rooms)
    choice = await agent(f"Which of these rooms must be repaired first? Answer with room and reason.\n{table}")
    if choice is None:
        return {"rooms": rooms, "first": None, "reason": None}
    return {"rooms": rooms, "first": choice["room"], "reason": choice["reason"]}
