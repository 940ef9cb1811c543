"""Seat the guests of a wedding: each table captain gets one guest list line to check for quarrels."""

from itertools import zip_longest

from weft.primitives import agent, log, parallel, phase

CAPTAINS = ["Aunt Mila", "Uncle Jože", "Cousin Tea", "Grandmother"]
GUESTS = {
    "type": "object",
    "properties": {"lines": {"type": "array", "items": {"type": "string", "maxLength": 120}}},
    "required": ["lines"],
}
QUARREL = {
    "type": "object",
    "properties": {"quarrel": {"type": "boolean"}, "who": {"type": "string"}},
    "required": ["quarrel", "who"],
}


async def main(args):
    phase("Read")
    guests = await agent("Read guests.txt and return one line per family.", schema=GUESTS)
    if guests is None or not guests["lines"]:
        return {"quarrels": [], "families": 0}
    pairs = list(zip_longest(CAPTAINS, guests["lines"], fillvalue="anyone"))
    phase("Check")
    answers = await parallel(
        [agent(f"Would {captain} quarrel with this family: {line}", schema=QUARREL, label=captain) for captain, line in pairs]
    )
    quarrels = [
        {"captain": captain, "family": line, "who": answer["who"]}
        for (captain, line), answer in zip(pairs, answers)
        if answer and answer["quarrel"]
    ]
    log(f"{len(quarrels)} quarrels")
    return {"quarrels": quarrels, "families": len(guests["lines"])}
