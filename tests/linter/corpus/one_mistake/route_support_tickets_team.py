"""Route support tickets to a team, ten at a time."""

from collections import Counter
from functools import partial
from itertools import islice

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "required": ["tickets"],
    "properties": {"tickets": {"type": "array", "items": {"type": "string"}, "maxItems": 400}},
}
ROUTE = {"type": "object", "required": ["team"], "properties": {"team": {"enum": ["billing", "network", "returns", "other"]}}}


def take(size, items):
    stream = iter(items)
    yield from iter(lambda: tuple(islice(stream, size)), ())


by_ten = partial(take, 10)


async def main(args):
    teams = {}
    for wave in by_ten(args["tickets"]):
        routes = await parallel([agent(f"Which team should answer ticket {t}?", schema=ROUTE) for t in wave])
        teams |= {t: r["team"] for t, r in zip(wave, routes) if r}
    log(f"{len(teams)} tickets have a team")
    return {"teams": teams, "load": dict(Counter(teams.values()))}
