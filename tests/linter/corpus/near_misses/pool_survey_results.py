"""Pool survey results of several sites, weighted by response, and comment on each site's share."""

from itertools import compress

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"sites": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["sites"],
}
RESULT_OF_SITE = {
    "type": "object",
    "properties": {"answered": {"type": "integer", "minimum": 0}, "agree": {"type": "number"}, "mode": {"enum": ["web", "paper"]}},
    "required": ["answered", "agree"],
}


async def main(args):
    rows = await parallel([agent(f"Read the survey export of {s}", schema=RESULT_OF_SITE) for s in args["sites"]])
    usable = [row is not None and row["answered"] > 0 for row in rows]
    sites, kept = list(compress(args["sites"], usable)), list(compress(rows, usable))
    total = sum(row["answered"] for row in kept)
    if not total:
        return {"agree": None, "sites": []}
    weights = [row["answered"] / total for row in kept]
    remarks = await parallel(
        [
            agent(f"{site} has {w:.0%} of the answers ({row.get('mode', 'unknown')} mode), {row['agree']:.0%} agree. Anything odd?")
            for site, w, row in zip(sites, weights, kept)
        ]
    )
    pooled = sum(w * row["agree"] for w, row in zip(weights, kept))
    return {"agree": pooled, "sites": [{"site": s, "weight": w, "remark": r} for s, w, r in zip(sites, weights, remarks)]}
