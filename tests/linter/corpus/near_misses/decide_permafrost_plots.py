"""Decide which permafrost plots thawed this summer."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "required": ["plots"],
    "properties": {"plots": {"type": "array", "items": {"type": "string"}, "maxItems": 80}},
}
SERIES = {
    "type": "object",
    "required": ["warmest", "thaw_cm"],
    "properties": {"warmest": {"type": "number"}, "thaw_cm": {"type": "integer"}},
}
VOTE = {"type": "object", "required": ["thawed"], "properties": {"thawed": {"type": "boolean"}}}
METHODS = ("the borehole temperatures", "the probe depths", "the surface photographs")


async def measure(plot):
    series = await agent(f"Read the summer series of plot {plot}.", schema=SERIES)
    if series is None:
        return None
    return {"plot": plot, "cm": series["thaw_cm"]}


async def panel(row, plot):
    votes = await parallel(
        [agent(f"Judging by {m} alone: did plot {plot} thaw this summer? Be strict.", schema=VOTE) for m in METHODS]
    )
    cast = [v for v in votes if v is not None]
    against = sum(1 for v in cast if not v["thawed"])
    if len(cast) < 2:
        return {**row, "state": "undecided"}
    return {**row, "state": "intact" if against * 2 >= len(cast) else "thawed"}


async def main(args):
    rows = await pipeline(args["plots"], measure, panel)
    table = {}
    for plot, row in zip(args["plots"], rows):
        table[plot] = row["state"] if row else "no data"
    return table
