"""Trace old river channels on historical maps, and check each against two other sources."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "required": ["maps"],
    "properties": {"maps": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
}
CHANNELS = {
    "type": "object",
    "required": ["channels"],
    "properties": {
        "channels": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "length_km"],
                "properties": {"name": {"type": "string"}, "length_km": {"type": "number"}},
            },
        }
    },
}
TRACE = {"type": "object", "required": ["points"], "properties": {"points": {"type": "integer"}}}
SUPPORT = {"type": "object", "required": ["visible"], "properties": {"visible": {"type": "boolean"}}}


async def trace(channel, sheet):
    line = await agent(f"Trace channel {channel['name']} on map {sheet}; say how many points you set.", schema=TRACE)
    if line is None or line["points"] < 3:
        return None
    aerial, lidar = await parallel(
        [
            agent(f"Is a channel {channel['name']} visible on the aerial photographs of {sheet}?", schema=SUPPORT),
            agent(f"Is a channel {channel['name']} visible in the lidar relief of {sheet}?", schema=SUPPORT),
        ]
    )
    seen_by = [label for label, s in (("aerial", aerial), ("lidar", lidar)) if s and s["visible"]]
    return {"map": sheet, "channel": channel["name"], "seen_by": seen_by}


async def read(sheet):
    reply = await agent(f"List the abandoned channels drawn on map {sheet}.", schema=CHANNELS)
    if reply is None:
        return None
    longest = sorted(reply["channels"], key=lambda c: c["length_km"], reverse=True)[:6]
    return await parallel([trace(c, sheet) for c in longest])


async def main(args):
    traced = []
    for rows in await pipeline(args["maps"], read):
        traced.extend(r for r in rows or [] if r)
    return {"channels": traced}
