"""Find every place where these files say something that a customer could be misled by, until nothing new turns up.

Each round sends one agent per angle; what was seen before is not looked at again; skeptics attack each new place.
"""

from weft.primitives import Seen, agent, finding, parallel, phase, pipeline, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 50},
        "rounds": {"type": "integer", "minimum": 1, "maximum": 6, "default": 4},
    },
    "required": ["files"],
}

PLACES = {
    "type": "object",
    "properties": {
        "places": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {
                    "source": {"type": "string"},
                    "line": {"type": "integer"},
                    "statement": {"type": "string"},
                },
                "required": ["source", "line", "statement"],
            },
        }
    },
    "required": ["places"],
}

ANGLES = ["promises without a date", "numbers without a unit", "words that two teams use differently"]


async def check(place):
    """Let skeptics try to explain a place away, and tell what each of them said."""
    verdict = await verify(place, lenses=["it stands there", "it misleads", "nothing nearby explains it"])
    if verdict["survives"]:
        finding(place)
    votes = [f"{vote['lens']}: {vote['verdict']}, {vote['reason']}" for vote in verdict["votes"]]
    return {**place, "outcome": verdict["outcome"], "votes": votes}


async def main(args):
    seen = Seen(key=lambda place: (place["source"], place["line"]))
    checked, not_checked, not_looked, may_have_more = [], [], [], []
    rounds = until_dry(max_rounds=args.get("rounds", 4), patience=1)
    for round in rounds:
        phase(f"Round {round.number}")
        replies = await parallel(
            [
                agent(
                    f"Look in {', '.join(args['files'])} for {angle}. Already known: {len(seen)} places.",
                    schema=PLACES,
                    context={"known": [f"{place['source']}:{place['line']}" for place in checked]},
                    label=f"find:{angle}",
                )
                for angle in ANGLES
            ]
        )
        looks = [(f"{angle} in round {round.number}", reply) for angle, reply in zip(ANGLES, replies)]
        not_looked += [look for look, reply in looks if reply is None]
        may_have_more += [look for look, reply in looks if reply and reply["places"].full]
        fresh = seen.add([place for reply in replies if reply for place in reply["places"]])
        round.found(fresh)
        results = await pipeline(fresh[:12], check)
        checked += [place for place in results if place]
        not_checked += [place for place, result in zip(fresh, results) if not result] + fresh[12:]
    return {
        "places": [place for place in checked if place["outcome"] == "survives"],
        "undecided": [place for place in checked if place["outcome"] == "undecided"],
        "refuted": [place for place in checked if place["outcome"] == "refuted"],
        "not_checked": not_checked,
        "not_looked": not_looked,
        "may_have_more": may_have_more,
        "ended": rounds.ended,
        "seen": len(seen),
    }
