"""Time-to-answer of the municipal hotlines, listed from slow to fast."""

import statistics

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"hotlines": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 30}},
    "required": ["hotlines"],
}
WAIT = {"type": "object", "properties": {"seconds": {"type": "integer"}}, "required": ["seconds"]}


async def main(args):
    observed = []

    async def measure(hotline):
        w = await agent(f"From the call log of {hotline}: the median seconds until somebody answered.", schema=WAIT)
        if w is not None:
            observed.append((w["seconds"], hotline))

    await parallel([measure(h) for h in args["hotlines"]])
    n = len(observed)
    if n < 2:
        return {"n": n, "ranking": [], "median": None}
    observed.sort(reverse=True)
    seconds = [s for s, _ in observed]
    return {
        "n": n,
        "median": statistics.median(seconds),
        "sd": statistics.stdev(seconds),
        "ranking": [{"hotline": h, "seconds": s} for s, h in observed],
    }
