"""When was the hottest day at each weather station, and which stations share it?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"stations": {"type": "array", "items": {"type": "string"}, "maxItems": 18}},
    "required": ["stations"],
}
DAY = {
    "type": "object",
    "properties": {"year": {"type": "integer"}, "month": {"type": "integer"}, "day": {"type": "integer"}},
    "required": ["year", "month", "day"],
}


async def main(args):
    order = []
    shared = {}

    async def look(station):
        hottest = await agent(f"On which day was it hottest at the station {station}?", schema=DAY, label=station)
        if hottest is None:
            return
        order.append(station)
        shared.setdefault((hottest["year"], hottest["month"], hottest["day"]), []).append(station)

    await parallel([look(s) for s in args["stations"]])
    if not order:
        return {"reference": None, "days": {}}
    return {"reference": order[0], "days": shared}
