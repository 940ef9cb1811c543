"""Which of the museum's loan requests can be granted? Three departments vote on each; silence is not consent."""

from collections import Counter

from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"requests": {"type": "array", "maxItems": 25, "items": {"type": "string"}}},
    "required": ["requests"],
}
BALLOT = {
    "type": "object",
    "properties": {"grant": {"type": "boolean"}, "condition": {"type": "string"}},
    "required": ["grant"],
}
DEPARTMENTS = ["conservation: can the object travel", "registrar: insurance and papers", "curators: is it missed here"]
NEEDED = 2


async def vote(request):
    ballots = await parallel([
        agent(f"Speak for {d}. Should we grant this loan request?\n<request>{request}</request>", schema=BALLOT, label=d)
        for d in DEPARTMENTS
    ])
    cast = [b for b in ballots if b]
    if len(cast) < NEEDED:
        return {"request": request, "outcome": "undecided", "conditions": []}
    refused = any(not b["grant"] for b in cast)
    return {
        "request": request,
        "outcome": "refused" if refused else "granted",
        "conditions": [b["condition"] for b in cast if b.get("condition")],
    }


async def main(args):
    phase("Vote")
    outcomes = await pipeline(args["requests"], vote)
    settled = [o for o in outcomes if o]
    tally = Counter(o["outcome"] for o in settled)
    log(f"granted {tally['granted']}, refused {tally['refused']}, undecided {tally['undecided']}")
    return {
        "loans": settled,
        "tally": dict(tally),
        "failed": [r for r, o in zip(args["requests"], outcomes) if o is None],
    }
