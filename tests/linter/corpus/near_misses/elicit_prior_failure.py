"""Elicit a prior for the failure rate of a pump from an expert agent by bisection on betting odds."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"pump": {"type": "string"}}, "required": ["pump"]}
BET = {"type": "object", "properties": {"above": {"type": "boolean"}}, "required": ["above"]}


async def main(args):
    lo = 0.0
    hi = 0.2
    asked = 0
    lost = 0
    while hi - lo > 0.005 and asked < 10:
        asked = asked + 1
        mid = (lo + hi) / 2
        bet = await agent(f"Would you bet that the yearly failure rate of {args['pump']} is above {mid:.4f}?", schema=BET)
        if bet is None:
            lost = lost + 1
            continue
        if bet["above"]:
            lo = mid
        else:
            hi = mid
        log(f"{asked}: [{lo:.4f}, {hi:.4f}]")
    return {"median": (lo + hi) / 2, "lo": lo, "hi": hi, "lost": lost}
