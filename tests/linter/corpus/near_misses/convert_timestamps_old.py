"""Convert timestamps in old log formats and test each conversion on edge cases."""

import re

from weft.primitives import agent, now, pipeline, sample

ARGS = {
    "type": "object",
    "properties": {"dates": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
    "required": ["dates"],
}
CODE = {"type": "object", "properties": {"time": {"type": "string"}, "code": {"type": "string"}}, "required": ["time", "code"]}
EDGES = ["leap second", "29 February", "change to summer time", "year 2038", "negative offset", "two-digit year"]


class Clock:
    def __init__(self, started):
        self._started = started

    def time(self):
        found = re.match(r"(\d{4})-(\d{2})", self._started)
        return f"{found[1]}/{found[2]}" if found else "unknown"


def digest(text):
    return sum(map(ord, text)) % 97


async def main(args):
    clock = Clock(now())

    def convert(pattern):
        return agent(f"Write a function that parses '{pattern}'; today is {clock.time()}.", schema=CODE)

    async def probe(written, pattern):
        random = sample(EDGES, 3, seed=digest(pattern))
        verdict = await agent(f"Run this on {', '.join(random)} and say what breaks:\n<code>\n{written['code']}\n</code>", tools=["sandbox"])
        return {"pattern": pattern, "example": written["time"], "tested": random, "verdict": verdict}

    return [r for r in await pipeline(args["dates"], convert, probe) if r]
