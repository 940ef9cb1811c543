"""Estimate the share of misfiled records by repeated double coding until two coders agree."""

from weft.primitives import agent, log, parallel

ARGS = {"type": "object", "properties": {"archive": {"type": "string"}}, "required": ["archive"]}
ESTIMATE = {
    "type": "object",
    "properties": {"share": {"type": "number"}, "rule": {"type": "string"}},
    "required": ["share", "rule"],
}


async def main(args):
    gap = 1.0
    rule_a = "none"
    rule_b = "none"
    estimate = 0.0
    step = 0
    while gap > 0.02:
        step = step + 1
        a, b = await parallel(
            [
                agent(f"Coder A, step {step}: share of misfiled records in {args['archive']}. B's rule was: {rule_b}", schema=ESTIMATE),
                agent(f"Coder B, step {step}: share of misfiled records in {args['archive']}. A's rule was: {rule_a}", schema=ESTIMATE),
            ]
        )
        if a is None or b is None:
            log(f"step {step}: a coder was lost")
            continue
        rule_a = a["rule"]
        rule_b = b["rule"]
        gap = abs(a["share"] - b["share"])
        estimate = (a["share"] + b["share"]) / 2
        log(f"step {step}: gap {gap:.3f}")
    return {"share": estimate, "steps": step}
