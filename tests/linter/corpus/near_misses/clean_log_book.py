"""Clean the log book of drifting buoys."""

from typing import NamedTuple

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"buoys": {"type": "array", "items": {"type": "string"}, "maxItems": 24}},
    "required": ["buoys"],
}
FIX = {
    "type": "object",
    "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}, "drifting": {"type": "boolean"}},
    "required": ["lat", "lon", "drifting"],
}


class Buoy(NamedTuple):
    name: str
    lat: float
    lon: float
    drifting: bool


async def main(args):
    fixes = await parallel([agent(f"Last position of buoy {name} in the log?", schema=FIX) for name in args["buoys"]])
    buoys = [Buoy(name, fix["lat"], fix["lon"], fix["drifting"]) for name, fix in zip(args["buoys"], fixes) if fix]
    lost = [buoy for buoy in buoys if buoy.drifting and abs(buoy.lat) > 60]
    return {"lost": [buoy._asdict() for buoy in lost], "known": len(buoys)}
