"""Interviews of one politician: statements that contradict an earlier one, until a round brings nothing."""

import re

from weft.primitives import Seen, agent, log, parallel, pipeline, until_dry, verify

STATEMENTS = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"date": {"type": "string"}, "quote": {"type": "string"}},
                "required": ["date", "quote"],
            },
        }
    },
    "required": ["statements"],
}


def key(s):
    return s["date"], " ".join(re.findall(r"\w+", s["quote"].casefold())[:6])


async def contest(s):
    verdict = await verify(s, lenses=["the earlier statement really says otherwise", "the context does not dissolve it"], quorum=2)
    return s if verdict["survives"] else None


async def main(args):
    seen = Seen(key=key)
    held, waiting = [], []
    for turn in until_dry(max_rounds=4, patience=2):
        dates = ", ".join(sorted({s["date"] for s in held})) or "none"
        replies = await parallel(
            [agent(f"Search {m} for contradictory statements; dates already covered: {dates}.", schema=STATEMENTS) for m in ("radio", "print")]
        )
        fresh = seen.add([s for r in replies if r for s in r["statements"]])
        turn.found(fresh)
        waiting += fresh
        checked = await pipeline(waiting[:5], contest)
        waiting = waiting[5:]
        log(f"{len(checked.lost)} of {len(checked)} fell")
        held += [s for s in checked if s]
    return {"held": held, "unchecked": waiting}
