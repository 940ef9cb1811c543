"""Score grant applications, then write feedback letters for the ten that came closest without being funded."""
from operator import itemgetter
from statistics import fmean

from weft.primitives import agent, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {
        "applications": {"type": "array", "items": {"type": "string"}, "maxItems": 60},
        "funded": {"type": "integer", "minimum": 1, "maximum": 60},
    },
    "required": ["applications", "funded"],
}
SCORE = {
    "type": "object",
    "properties": {"points": {"type": "integer", "minimum": 0, "maximum": 10}, "weakness": {"type": "string"}},
    "required": ["points", "weakness"],
}
CRITERIA = ("originality", "feasibility")


async def score(application):
    replies = await parallel([
        agent(f"Score application {application} for {criterion}, 0 to 10, and name its main weakness there.", schema=SCORE, label=f"{application}:{criterion}")
        for criterion in CRITERIA
    ])
    if not all(replies):
        return None
    return {"application": application, "points": fmean(r["points"] for r in replies), "weak": [r["weakness"] for r in replies]}


async def letter(entry):
    text = await agent(
        f"Write a kind letter of feedback on {entry['application']} that names these weaknesses: {'; '.join(entry['weak'])}",
        label=f"letter:{entry['application']}",
    )
    return {"application": entry["application"], "letter": text} if text else None


async def main(args):
    phase("Score")
    scored = [s for s in await pipeline(args["applications"], score) if s]
    ranked = sorted(scored, key=itemgetter("points"), reverse=True)
    near = ranked[args["funded"]:][:10]
    phase("Letters")
    letters = [entry for entry in await pipeline(near, letter) if entry]
    return {
        "funded": [s["application"] for s in ranked[:args["funded"]]],
        "letters": letters,
        "no_letter": sorted({s["application"] for s in near} - {x["application"] for x in letters}),
        "unscored": len(args["applications"]) - len(scored),
    }
