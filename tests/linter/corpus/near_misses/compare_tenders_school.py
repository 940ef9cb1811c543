"""Compare the tenders for a school building: facts by rule, judgement by a panel, and the reasons by hand."""

from weft.primitives import agent, critique, judge, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"tenders": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 9}},
    "required": ["tenders"],
}
FACTS = {
    "type": "object",
    "properties": {
        "price": {"type": "integer"},
        "months": {"type": "integer"},
        "summary": {"type": "string", "maxLength": 800, "description": "Without the name of the bidder."},
    },
    "required": ["price", "months", "summary"],
}


async def main(args):
    phase("Read")
    replies = await parallel([agent(f"Read the tender {path}; sum it up without naming the bidder.", schema=FACTS, label=path) for path in args["tenders"]])
    facts = [reply for reply in replies if reply]
    if len(facts) < len(replies):
        return {"decision": None, "why": "a tender that could not be read cannot be passed over", "read": len(facts)}
    cheapest = min(fact["price"] for fact in facts)
    phase("Judge")
    ranking, gaps = await parallel(
        [
            judge([fact["summary"] for fact in facts], criteria=["it is feasible", "it fits a school"], judges=5),
            critique([fact["summary"] for fact in facts], "Which questions must be answered before one is chosen?"),
        ]
    )
    if ranking is None or ranking.outcome != "ranked":
        return {"decision": None, "why": "the panel did not agree", "read": len(facts)}
    best = ranking.standings[0]["index"]
    log(f"tender {best} is first")
    return {
        "decision": args["tenders"][best],
        "price_above_cheapest": facts[best]["price"] - cheapest,
        "months": facts[best]["months"],
        "questions": gaps["missing"] if gaps else "the critic was lost",
    }
