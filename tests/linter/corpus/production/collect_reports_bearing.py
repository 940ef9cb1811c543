"""Collect reports of bearing failures in wind turbines, and stop while there is money left for the summary."""

from weft.primitives import Seen, agent, budget, log, parallel, phase, pipeline, until_dry, verify

BUDGET = {"usd": 6.0}
ARGS = {"type": "object", "properties": {"model": {"type": "string"}}, "required": ["model"]}
FAILURES = {
    "type": "object",
    "properties": {
        "failures": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"statement": {"type": "string"}, "source": {"type": "string"}, "line": {"type": "integer"}},
                "required": ["statement", "source", "line"],
            },
        }
    },
    "required": ["failures"],
}
PLACES = ["maintenance logs", "warranty letters", "conference papers", "minutes of the operators"]


async def check(failure):
    verdict = await verify(failure, lenses=["the source says so", "it is the bearing, not the gearbox"], quorum=2)
    return {**failure, "outcome": verdict["outcome"]}


async def main(args):
    seen = Seen(key=lambda f: (f["source"], f["line"]))
    judged, stopped = [], False
    rounds = until_dry(max_rounds=6, patience=2)
    for round in rounds:
        if budget.remaining("tokens") < 1.5:
            stopped = True
            break
        phase(f"Search {round.number}")
        replies = await parallel(
            [agent(f"Search the {place} for failed bearings of the {args['model']}.", schema=FAILURES, context={"known": [[j["source"], j["line"]] for j in judged]}, label=place) for place in PLACES]
        )
        fresh = seen.add(f for reply in replies if reply for f in reply["failures"])
        round.found(fresh)
        judged += [j for j in await pipeline(fresh, check) if j]
        log(f"{len(judged)} judged, ${budget.spent('usd'):.2f} spent")
    kept = [j for j in judged if j["outcome"] == "survives"]
    phase("Summary")
    lines = "\n".join(f"- {k['statement']} ({k['source']}:{k['line']})" for k in kept[:60])
    summary = await agent(f"Summarise these {len(kept[:60])} confirmed failures:\n{lines}", critical=True, tools=[], label="summary")
    return {"summary": summary, "confirmed": kept, "undecided": [j for j in judged if j["outcome"] == "undecided"], "stopped_for_money": stopped, "ended": rounds.ended}
