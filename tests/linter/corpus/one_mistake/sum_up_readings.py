"""Sum up the readings of a greenhouse, by a measure of your choice."""

import statistics

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "sensors": {"type": "array", "items": {"type": "string"}, "maxItems": 60},
        "measure": {"enum": ["mean", "median", "stdev"], "default": "median"},
    },
    "required": ["sensors"],
}
READING = {"type": "object", "properties": {"celsius": {"type": "number"}}, "required": ["celsius"]}


async def main(args):
    replies = await parallel([agent(f"What did sensor {s} read at noon?", schema=READING) for s in args["sensors"]])
    values = [reply["celsius"] for reply in replies if reply]
    if len(values) < 2:
        return {"value": None, "readings": len(values)}
    measure = getattr(statistics, args["measure"])
    return {"value": round(measure(values), 2), "readings": len(values)}
