"""Collect the promises to residents in ten years of council minutes, as many as the day allows, and say what is left."""

from weft.primitives import Seen, agent, parallel, phase, pipeline, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {"minutes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["minutes"],
}
PROMISES = {
    "type": "object",
    "properties": {
        "promises": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"statement": {"type": "string"}, "source": {"type": "string"}, "line": {"type": "integer"}},
                "required": ["statement", "source", "line"],
            },
        }
    },
    "required": ["promises"],
}


async def confirm(promise):
    verdict = await verify(promise, lenses=["it is a promise, not a wish", "a resident would read it so"], quorum=2)
    return {**promise, "outcome": verdict["outcome"]}


async def main(args):
    seen = Seen(key=lambda p: (p["source"], p["line"]))
    waiting, done, full, lost = [], [], set(), 0
    rounds = until_dry(max_rounds=3, patience=1)
    for round in rounds:
        phase(f"Read {round.number}")
        known = [f"{p['source']}:{p['line']}" for p in done + waiting]
        replies = await parallel(
            [agent(f"Which promises to residents stand in {m}, besides the known ones?", schema=PROMISES, context={"known": known}, label=m) for m in args["minutes"]]
        )
        full = {m for m, reply in zip(args["minutes"], replies) if reply and reply["promises"].full}
        lost += sum(reply is None for reply in replies)
        fresh = seen.add(p for reply in replies if reply for p in reply["promises"])
        round.found(fresh)
        waiting += fresh
        batch, waiting = waiting[:15], waiting[15:]
        phase(f"Confirm {round.number}")
        confirmed = await pipeline(batch, confirm)
        done += [c or {**p, "outcome": "undecided"} for p, c in zip(batch, confirmed)]
    return {
        "promises": [p for p in done if p["outcome"] == "survives"],
        "undecided": [p for p in done if p["outcome"] == "undecided"],
        "not_looked_at": waiting,
        "may_have_more": sorted(full),
        "lost_readings": lost,
        "ended": rounds.ended,
    }
