"""Check the dates on a war memorial against the parish books."""
from itertools import compress

from weft.primitives import agent, dedup, parallel, verify

META = {"name": "memorial", "description": "Dates that hold"}
ARGS = {"type": "object", "properties": {"stone": {"type": "string"}}, "required": ["stone"]}
ROWS = {"type": "object", "properties": {"rows": {"type": "array", "maxItems": 20, "items": {
    "type": "object", "properties": {"name": {"type": "string"}, "fell": {"type": "string"}}, "required": ["name", "fell"]}}},
    "required": ["rows"]}
LENSES = ["the parish book says so", "no namesake is meant"]


def passing(rows, verdicts):
    return list(compress(rows, map(bool, verdicts)))


async def main(args):
    reply = await agent(f"Read the names and dates on {args['stone']}.", schema=ROWS)
    rows = dedup(reply["rows"] if reply else [], key=lambda row: (row["name"], row["fell"]))
    verdicts = await parallel([verify(row, lenses=LENSES) for row in rows])
    return {"held": passing(rows, verdicts), "read": len(rows)}
