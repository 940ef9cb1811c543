"""Write to the six bus lines with the most driver complaints about their depot."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"shifts": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["shifts"],
}
LINES = {
    "type": "object",
    "properties": {"lines": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
    "required": ["lines"],
}


def in_order(names):
    return sorted(names, key=lambda name: (len(name), name))


async def main(args):
    replies = await parallel([agent(f"Which lines complain in the shift log {s}?", schema=LINES) for s in args["shifts"]])
    affected = {line.strip() for reply in replies if reply for line in reply["lines"]}
    if "" in affected:
        affected = affected - {""}
    chosen = in_order(affected)[:6]
    letters = await parallel([agent(f"Draft a letter to the drivers of line {line} about the state of the depot.") for line in chosen])
    return {"letters": dict(zip(chosen, letters)), "affected": len(affected)}
