"""Search survey data for implausible answers with four independent methods and confirm each case."""

from weft.primitives import agent, dedup, parallel, pipeline, verify

ARGS = {"type": "object", "properties": {"dataset": {"type": "string"}}, "required": ["dataset"]}
CASES = {
    "type": "object",
    "properties": {
        "cases": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"respondent": {"type": "integer"}, "variable": {"type": "string"}, "value": {"type": "string"}},
                "required": ["respondent", "variable", "value"],
            },
        }
    },
    "required": ["cases"],
}
METHODS = ["range checks", "straight-lining", "Mahalanobis distance", "contradictory pairs of items"]


async def confirm(case):
    v = await verify(case, lenses=["coding error", "rare but real", "skip pattern"], quorum=2)
    if not v["survives"]:
        return None
    return case


async def confirm_all(found):
    kept = await parallel([confirm(c) for c in found["cases"]])
    return [c for c in kept if c is not None]


async def main(args):
    groups = await pipeline(
        METHODS,
        lambda m: agent(f"Find implausible answers in {args['dataset']} by {m}.", schema=CASES),
        confirm_all,
    )
    stacked = []
    for g in groups:
        if g is not None:
            stacked = stacked + g
    unique = dedup(stacked, key=lambda c: (c["respondent"], c["variable"]))
    return {"n_raw": len(stacked), "cases": unique}
