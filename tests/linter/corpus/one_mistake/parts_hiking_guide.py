"""Which parts of a hiking guide are dangerous because they are out of date?"""

from weft.primitives import Seen, agent, log, parallel, synthesize, until_target, verify

ARGS = {"type": "object", "properties": {"guide": {"type": "string"}}, "required": ["guide"]}
SPOTS = {
    "type": "object",
    "properties": {
        "spots": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"page": {"type": "integer"}, "trail": {"type": "string"}, "danger": {"type": "string"}},
                "required": ["page", "trail", "danger"],
            },
        }
    },
    "required": ["spots"],
}


async def main(args):
    seen = Seen(key=lambda s: (s["page"], s["trail"]))
    spots, held = [], []
    for lap in until_target(30, max_rounds=3):
        pages = ", ".join(str(s["page"]) for s in spots) or "none"
        reply = await agent(f"Lap {lap.number}: dangerous outdated advice in {args['guide']}, other than on pages {pages}.", schema=SPOTS)
        fresh = seen.add(reply["spots"] if reply else [])
        lap.found(fresh)
        spots += fresh
        verdicts = await parallel([verify(s, lenses=["the trail changed", "the advice is dangerous"], quorum=2) for s in fresh])
        held += [s for s, v in zip(fresh, verdicts) if v and v["survives"]]
    log(f"{len(held)} of {len(spots)} spots hold")
    lines = [f"p. {s['page']}, {s['trail']}: {s['danger']}" for s in spots]
    report = await synthesize(lines, "Write a warning for the next edition, page by page.", fan_in=20)
    return {"report": report, "held": len(held)}
