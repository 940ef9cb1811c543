"""Fit the orbital period of a variable star by letting agents refine each other's estimate."""

import math

from weft.primitives import agent, log

ARGS = {"type": "object", "required": ["star"], "properties": {"star": {"type": "string"}}}
ESTIMATE = {
    "type": "object",
    "required": ["period_days", "residual"],
    "properties": {"period_days": {"type": "number"}, "residual": {"type": "number"}},
}


async def main(args):
    star = args["star"]
    first = await agent(f"Give a first estimate of the period of {star} from its light curve.", schema=ESTIMATE)
    if first is None:
        return {"star": star, "period": None, "sweeps": 0}
    period = first["period_days"]
    change = math.inf
    sweep = 1
    while change > 0.001:
        better = await agent(
            f"Refine the period of {star}. The current estimate is {period} days; fold the light curve and correct it.",
            schema=ESTIMATE,
        )
        sweep += 1
        if better is None:
            log(f"sweep {sweep} was lost")
            continue
        change = abs(better["period_days"] - period) / max(abs(period), 1e-9)
        period = better["period_days"]
    return {"star": star, "period": period, "sweeps": sweep}
