"""Search the tender documents for conditions that would exclude us, as long as new ones turn up."""

from weft.primitives import Seen, agent, log, phase, pipeline, until_dry, verify

ARGS = {"type": "object", "properties": {"tender": {"type": "string"}}, "required": ["tender"]}
CONDITIONS = {
    "type": "object",
    "properties": {
        "conditions": {"type": "array", "maxItems": 6, "items": {
            "type": "object",
            "properties": {"document": {"type": "string"}, "page": {"type": "integer"}, "condition": {"type": "string"}},
            "required": ["document", "page", "condition"]}},
    },
    "required": ["conditions"],
}
CHECKS = {
    "wording": "the page really says it",
    "bearing": "it excludes a company of 40 people with no public reference",
}
SETTINGS = {"rounds": 4, "patience": 4, "agree": 3}


async def excludes(condition):
    verdict = await verify(condition, lenses=list(CHECKS.values()), quorum=SETTINGS["agree"])
    if verdict["survives"]:
        return condition
    log(f"dropped {condition['document']} p. {condition['page']}: {verdict['outcome']}")
    return None


async def main(args):
    seen = Seen(key=lambda c: (c["document"], c["page"]))
    excluded_by = []
    rounds = until_dry(max_rounds=SETTINGS["rounds"], patience=SETTINGS["patience"])
    for step in rounds:
        phase(f"Pass {step.number}")
        reply = await agent(
            f"Pass {step.number} through tender {args['tender']}: list conditions that could exclude a bidder. "
            f"Pages already covered: {', '.join(sorted({str(c['page']) for c in excluded_by})) or 'none'}.",
            schema=CONDITIONS,
            label=f"pass:{step.number}",
        )
        fresh = seen.add(reply["conditions"] if reply else [])
        step.found(fresh)
        excluded_by += [c for c in await pipeline(fresh, excludes) if c]
    return {"excluded_by": excluded_by, "looked_at": len(seen), "ended": rounds.ended}
