"""Find every place where these files say something that a customer could be misled by, until nothing new turns up.

Each round sends one agent per angle; what was seen before is not looked at again; skeptics attack each new place.
"""

from weft.primitives import Seen, agent, finding, log, parallel, phase, pipeline, until_dry, verify

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
    """Keep a place that no skeptic could explain away, and two hold up."""
    verdict = await verify(place, lenses=["it stands there", "it misleads", "nothing nearby explains it"], quorum=2)
    if verdict["outcome"] == "undecided":
        log(f"undecided: {place['source']}:{place['line']}")
    if not verdict["survives"]:
        return None
    finding(place)
    return place


async def main(args):
    seen = Seen(key=lambda place: (place["source"], place["line"]))
    kept = []
    for round in until_dry(max_rounds=args.get("rounds", 4), patience=1):
        phase(f"Round {round.number}")
        replies = await parallel(
            [
                agent(
                    f"Look in {', '.join(args['files'])} for {angle}. Already known: {len(seen)} places.",
                    schema=PLACES,
                    context={"known": [f"{place['source']}:{place['line']}" for place in kept]},
                    label=f"find:{angle}",
                )
                for angle in ANGLES
            ]
        )
        if None in replies:
            log(f"{replies.count(None)} of {len(ANGLES)} angles were not looked at in this round")
        fresh = seen.add([place for reply in replies if reply for place in reply["places"]])
        round.found(fresh)
        kept += [place for place in await pipeline(fresh[:12], check) if place]
    return {"places": kept, "seen": len(seen)}
