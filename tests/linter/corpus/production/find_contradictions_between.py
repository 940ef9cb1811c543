"""Find contradictions between the building regulations of the three zones, until two rounds bring nothing new."""

from weft.primitives import Seen, agent, budget, finding, parallel, phase, pipeline, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {"zones": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 3}},
    "required": ["zones"],
}
CONFLICTS = {
    "type": "object",
    "properties": {
        "conflicts": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"statement": {"type": "string"}, "source": {"type": "string"}, "paragraph": {"type": "integer"}, "against": {"type": "string"}},
                "required": ["statement", "source", "paragraph", "against"],
            },
        }
    },
    "required": ["conflicts"],
}
TOPICS = ["heights", "distances", "fire", "parking"]


async def refute(conflict):
    verdict = await verify(conflict, lenses=["both texts say so", "no exception resolves it"], quorum=2, tie_breaker="the commentary on the regulations")
    if verdict["survives"]:
        finding(conflict)
    return {**conflict, "outcome": verdict["outcome"], "independence": verdict["independence"]["word"]}


async def main(args):
    seen = Seen(key=lambda c: (c["source"], c["paragraph"], c["against"]))
    judged, unjudged, out_of_money = [], [], False
    rounds = until_dry(max_rounds=4, patience=2)
    for round in rounds:
        if budget.share_left < 0.2:
            out_of_money = True
            break
        phase(f"Compare {round.number}")
        known = [{"statement": j["statement"], "source": j["source"], "paragraph": j["paragraph"]} for j in judged]
        replies = await parallel(
            [agent(f"Compare {', '.join(args['zones'])} about {t}: where do they contradict each other?", schema=CONFLICTS, context={"known": known}, label=t) for t in TOPICS]
        )
        fresh = seen.add(c for reply in replies if reply for c in reply["conflicts"])
        round.found(fresh)
        phase(f"Refute {round.number}")
        results = await pipeline(fresh, refute)
        judged += [r for r in results if r]
        unjudged += [c for c, r in zip(fresh, results) if r is None]
    return {
        "conflicts": [j for j in judged if j["outcome"] == "survives"],
        "undecided": [j for j in judged if j["outcome"] == "undecided"],
        "unjudged": unjudged,
        "ended": "budget" if out_of_money else rounds.ended,
    }
