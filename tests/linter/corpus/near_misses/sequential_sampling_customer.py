"""Sequential sampling of customer calls: stop as soon as the share of complaints is known well enough."""

import math

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"calls": {"type": "array", "items": {"type": "string"}, "maxItems": 200}},
    "required": ["calls"],
}
CODED = {"type": "object", "properties": {"complaint": {"type": "boolean"}}, "required": ["complaint"]}


async def main(args):
    calls = args["calls"]
    n = 0
    hits = 0
    half_width = 1.0
    for start in range(0, len(calls), 20):
        block = calls[start : start + 20]
        coded = await parallel([agent(f"Does the caller in {c} complain about us?", schema=CODED) for c in block])
        for c in coded:
            if c is not None:
                n = n + 1
                hits = hits + (1 if c["complaint"] else 0)
        if n == 0:
            continue
        p = (hits + 2) / (n + 4)
        half_width = 1.96 * math.sqrt(p * (1 - p) / (n + 4))
        log(f"n={n} half width={half_width:.3f}")
        if half_width < 0.06:
            break
    return {"n": n, "complaints": hits, "half_width": half_width}
