"""Extract effect sizes and ask about the outliers."""

from statistics import fmean, pstdev

from weft.primitives import agent, parallel

EFFECT = {
    "type": "object",
    "properties": {"d": {"type": "number"}, "n": {"type": "integer", "minimum": 2}},
    "required": ["d", "n"],
}


async def main(args):
    answers = await parallel([agent(f"Cohen's d and n of the main outcome in {s}", schema=EFFECT) for s in args["studies"]])
    effects = [a["d"] for a in answers if a is not None]
    if len(effects) < 3:
        return {"mean": None, "outliers": []}
    middle, spread = fmean(effects), pstdev(effects)
    outliers = [args["studies"][i] for i, d in enumerate(effects) if abs(d - middle) > 2 * spread]
    why = await parallel([agent(f"Why might {s} differ so far from a mean effect of {middle:.2f}?") for s in outliers])
    return {"mean": middle, "outliers": [{"study": s, "why": w} for s, w in zip(outliers, why)]}
