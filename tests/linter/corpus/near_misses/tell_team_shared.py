"""Tell each team which shared libraries it alone uses."""

from functools import reduce
from operator import or_

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "required": ["teams"],
    "properties": {"teams": {"type": "array", "items": {"type": "string"}, "maxItems": 35}},
}
USES = {
    "type": "object",
    "required": ["libraries"],
    "properties": {"libraries": {"type": "array", "maxItems": 25, "items": {"type": "string", "maxLength": 40}}},
}


def others(uses, team):
    return reduce(or_, (libs for name, libs in uses.items() if name != team), set())


async def main(args):
    replies = await parallel([agent(f"List the shared libraries in the lock file of team {t}.", schema=USES) for t in args["teams"]])
    uses = {team: {lib.casefold() for lib in r["libraries"]} for team, r in zip(args["teams"], replies) if r}
    alone = {team: sorted(libs - others(uses, team)) for team, libs in uses.items()}
    lonely = [team for team in alone if alone[team]]
    notes = await parallel([agent(f"Draft a note to team {t}: only they still use {', '.join(alone[t])}.") for t in lonely])
    return {"shared": len(others(uses, None)), "notes": {t: n for t, n in zip(lonely, notes) if n}}
