"""Which statements of an annual report do the notes to the accounts not bear out?"""

from weft.primitives import agent, parallel, phase, until_dry, verify

ARGS = {"type": "object", "properties": {"report": {"type": "string"}}, "required": ["report"]}
STATEMENTS = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"page": {"type": "integer"}, "figure": {"type": "string"}},
                "required": ["page", "figure"],
            },
        }
    },
    "required": ["statements"],
}
PARTS = ["the letter to shareholders", "the outlook", "the risk report"]
LENSES = ["the page says so", "the notes differ", "rounding does not explain it"]


async def main(args):
    outcome, shaky = {}, []
    for round in until_dry(max_rounds=4):
        phase(f"Round {round.number}")
        replies = await parallel(
            [agent(f"Pass {round.number} over {part} of {args['report']}: figures the notes contradict?", schema=STATEMENTS) for part in PARTS]
        )
        fresh = []
        for statement in [s for reply in replies if reply for s in reply["statements"]]:
            key = (statement["page"], statement["figure"].strip())
            if key in outcome:
                continue
            outcome[key] = "open"
            fresh.append(statement)
        round.found(fresh)
        verdicts = await parallel([verify(s, lenses=LENSES, quorum=2) for s in fresh])
        for statement, verdict in zip(fresh, verdicts):
            outcome[statement["page"], statement["figure"].strip()] = verdict["outcome"] if verdict else "undecided"
            if verdict and verdict["survives"]:
                shaky.append(statement)
    return {"shaky": shaky, "looked_at": len(outcome)}
