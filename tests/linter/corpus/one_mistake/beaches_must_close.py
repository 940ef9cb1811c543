"""Which beaches must close this week?"""
from weft.primitives import agent, log, parallel, verify

META = {"name": "beaches", "description": "Closures that were checked"}
ARGS = {"type": "object", "properties": {"beaches": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["beaches"]}
WATER = {"type": "object", "properties": {"beach": {"type": "string"}, "germs": {"type": "integer"}, "source": {"type": "string"}},
         "required": ["beach", "germs", "source"]}


def by_level(rows):
    return {row["beach"]: row["germs"] for row in sorted(rows, key=lambda row: (-row["germs"], row["beach"]))}


async def main(args):
    replies = await parallel([agent(f"Find this week's germ count for {b}.", schema=WATER, label=b) for b in args["beaches"]])
    bad = sorted([row for row in replies if row and row["germs"] > 900], key=lambda row: row["germs"])
    verdicts = await parallel([verify(row, lenses=["the count is of this week", "the unit is right", "the beach is right"]) for row in bad])
    sure = []
    for row, verdict in zip(bad, verdicts):
        if verdict and verdict["survives"]:
            sure.append(row)
    log(f"{len(sure)} of {len(bad)} held")
    return {"close": by_level(bad)}
