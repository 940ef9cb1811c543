"""Ask each weather station's log for its lowest temperature, half a minute each."""

import asyncio as aio

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"stations": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["stations"],
}
LOW = {
    "type": "object",
    "properties": {"celsius": {"type": "number"}, "hour": {"type": "integer"}},
    "required": ["celsius", "hour"],
}


class Patient:
    def __init__(self, seconds):
        self.seconds = seconds

    async def lowest(self, station):
        request = agent(f"Lowest temperature in the log of station {station}", schema=LOW, label=station)
        reply = await aio.wait_for(request, self.seconds)
        return {"station": station, **reply} if reply else None


async def main(args):
    patient = Patient(30)
    rows = [row for row in await parallel([patient.lowest(s) for s in args["stations"]]) if row]
    coldest = min(rows, key=lambda row: row["celsius"], default=None)
    return {"coldest": coldest, "stations": len(rows)}
