"""Review the changed firmware modules for integer overflows, and leave no module unaccounted for."""

from weft.primitives import agent, finding, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"modules": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["modules"],
}
BUGS = {
    "type": "object",
    "properties": {
        "bugs": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"file": {"type": "string"}, "line": {"type": "integer"}, "claim": {"type": "string"}},
                "required": ["file", "line", "claim"],
            },
        }
    },
    "required": ["bugs"],
}


async def review(module):
    reply = await agent(f"Find integer overflows in {module}. One claim for each, with the line.", schema=BUGS, label=module)
    if reply is None:
        return None
    return {"module": module, "bugs": reply["bugs"], "full": reply["bugs"].full}


async def challenge(entry):
    async def one(bug):
        verdict = await verify(bug, lenses=["an input can reach it", "no check before it prevents it"], quorum=2)
        if verdict["survives"]:
            finding(bug)
        return {**bug, "outcome": verdict["outcome"]}

    judged = await pipeline(entry["bugs"], one)
    broken = [bug for bug, j in zip(entry["bugs"], judged) if j is None]
    return {**entry, "judged": [j for j in judged if j], "broken": broken}


async def main(args):
    phase("Review")
    results = await pipeline(args["modules"], review, challenge)
    status = {}
    for module, result in zip(args["modules"], results):
        if result is None:
            status[module] = "not reviewed"
        elif result["broken"] or any(j["outcome"] == "undecided" for j in result["judged"]):
            status[module] = "open"
        elif any(j["outcome"] == "survives" for j in result["judged"]):
            status[module] = "bugs"
        else:
            status[module] = "may have more" if result["full"] else "nothing found"
    return {
        "status": status,
        "bugs": [j for r in results if r for j in r["judged"] if j["outcome"] == "survives"],
        "undecided": [j for r in results if r for j in r["judged"] if j["outcome"] == "undecided"],
        "not_judged": [b for r in results if r for b in r["broken"]],
        "losses": [f"{args['modules'][lost.index]}: {lost.cause}" for lost in results.lost],
    }
