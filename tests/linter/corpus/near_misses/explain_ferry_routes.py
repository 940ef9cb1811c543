"""Explain which ferry routes are slow, measured against the fleet."""
from statistics import median

from weft.primitives import agent, parallel

META = {"name": "ferries", "description": "Slow routes, explained"}
ARGS = {"type": "object", "properties": {"routes": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["routes"]}
TIME = {"type": "object", "properties": {"route": {"type": "string"}, "minutes": {"type": "number"}}, "required": ["route", "minutes"]}


async def main(args):
    timed = await parallel([agent(f"Measure the crossing time of ferry route {r}.", schema=TIME, label=r) for r in args["routes"]])
    known = {row["route"]: row["minutes"] for row in timed if row}
    if len(known) < 2:
        return {"usual": None, "reasons": {}}
    usual = median(known.values())
    slow = [route for route, minutes in known.items() if minutes > usual]
    reasons = await parallel([agent(f"Route {r} takes {known[r]} minutes, the fleet's median is {usual}. Why?") for r in slow])
    return {"usual": usual, "reasons": {r: why for r, why in zip(slow, reasons) if why}}
