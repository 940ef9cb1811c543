"""Read four safety data sheets, find statements that may be wrong, and report them with how they fared."""

from weft.primitives import agent, dedup, parallel, phase, pipeline, verify

SHEETS = ["acetone.pdf", "toluene.pdf", "methanol.pdf", "ammonia.pdf"]
DOUBTS = {
    "type": "object",
    "properties": {
        "issues": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"sheet": {"type": "string"}, "section": {"type": "integer"}, "statement": {"type": "string"}},
                "required": ["sheet", "section", "statement"],
            },
        }
    },
    "required": ["issues"],
}


async def find():
    replies = await parallel([agent(f"Which statements of {sheet} may be wrong?", schema=DOUBTS, label=sheet) for sheet in SHEETS])
    return dedup([i for r in replies if r for i in r["issues"]], key=lambda i: (i["sheet"], i["section"]))


async def weigh(issue):
    verdict = await verify(issue, votes=3, quorum=2, veto=False)
    return {**issue, "outcome": verdict["outcome"], "votes": verdict["votes"]}


async def main(args):
    phase("Find")
    issues = await find()
    phase("Weigh")
    weighed = await pipeline(issues, weigh)
    confirmed = [i for i in weighed if i and i["outcome"] == "survives"]
    if not confirmed:
        return {"summary": None, "confirmed": [], "all": weighed}
    places = ", ".join(f"{i['sheet']} section {i['section']}" for i in confirmed[:8])
    summary = await agent(f"Write two sentences to the safety officer: statements to mend stand in {places}.")
    return {"summary": summary, "confirmed": confirmed, "all": weighed}
