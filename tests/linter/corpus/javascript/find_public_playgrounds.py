"""Find public playgrounds in the district that are not in our register yet, until nothing new turns up."""

from weft.primitives import agent, parallel, phase, pipeline, until_dry, verify

ARGS = {"type": "object", "properties": {"district": {"type": "string"}}, "required": ["district"]}
PLACES = {
    "type": "object",
    "properties": {
        "places": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"street": {"type": "string"}, "number": {"type": "integer"}, "source": {"type": "string"}},
                "required": ["street", "number", "source"],
            },
        }
    },
    "required": ["places"],
}
ANGLES = ["minutes of the council", "maps and plans", "complaints of parents"]


def address(place):
    return (place["street"].strip().lower(), place["number"])


async def confirm(place):
    verdict = await verify(place, lenses=["it is a playground and public", "it is not in register.csv"], quorum=2)
    return {**place, "outcome": verdict["outcome"]}


async def main(args):
    checked = []
    for round in until_dry(max_rounds=5, patience=2):
        seen = set()
        phase(f"Search {round.number}")
        replies = await parallel(
            [
                agent(
                    f"Search the {angle} of {args['district']} for playgrounds that are not in register.csv.",
                    schema=PLACES,
                    context={"known": [f"{c['street']} {c['number']}" for c in checked]},
                    label=angle,
                )
                for angle in ANGLES
            ]
        )
        flat = [place for reply in replies for place in (reply or {}).get("places", [])]
        fresh = [place for place in flat if not (address(place) in seen or seen.add(address(place)))]
        round.found(fresh)
        phase(f"Confirm {round.number}")
        checked.extend(c for c in await pipeline(fresh, confirm) if c)
    return {
        "playgrounds": [c for c in checked if c["outcome"] == "survives"],
        "open": [c for c in checked if c["outcome"] == "undecided"],
    }
