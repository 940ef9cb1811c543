"""Collect the provenance gaps in the catalogue of a museum: years in which nobody knows who owned a painting."""

from functools import partial
from operator import itemgetter

from weft.primitives import Seen, agent, parallel, phase, pipeline, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {"rooms": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8}},
    "required": ["rooms"],
}
GAPS = {
    "type": "object",
    "properties": {
        "gaps": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {
                    "inventory": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"},
                    "from": {"type": "integer"},
                    "to": {"type": "integer"},
                    "explanation": {"type": "string", "description": "Why this is a gap, in your own words."},
                },
                "required": ["inventory", "from", "to", "explanation"],
            },
        }
    },
    "required": ["gaps"],
}

look = partial(agent, schema=GAPS)
identity = itemgetter("inventory", "explanation")


async def check(gap):
    verdict = await verify(gap, lenses=["no sale or bequest falls in these years", "the file card agrees"], quorum=2)
    return gap if verdict["survives"] else None


async def main(args):
    seen, kept = Seen(key=identity), []
    for round in until_dry(max_rounds=4):
        phase(f"Round {round.number}")
        replies = await parallel([look(f"Search the file cards of room {room} for provenance gaps.", label=room) for room in args["rooms"]])
        round.found(fresh := seen.add(gap for reply in replies for gap in reply["gaps"]))
        kept += [gap for gap in await pipeline(fresh, check) if gap]
    return sorted(kept, key=itemgetter("inventory", "from"))
