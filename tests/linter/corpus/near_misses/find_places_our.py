"""Find the places in our lease contracts that bind us longer than two years."""

from weft.primitives import agent, parallel, phase, pipeline, until_dry, verify

ANGLES = ["notice periods", "automatic renewals", "break clauses"]
PLACES = {
    "type": "object",
    "properties": {
        "places": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"contract": {"type": "string"}, "clause": {"type": "string", "maxLength": 12}},
                "required": ["contract", "clause"],
            },
        }
    },
    "required": ["places"],
}


def key(place):
    return f"{place['contract']}#{place['clause']}"


async def binding(place):
    verdict = await verify(place, lenses=["the clause says it", "no other clause lifts it"], quorum=2)
    return {**place, "holds": verdict["survives"]}


async def main(args):
    known = {}
    for turn in until_dry(max_rounds=4):
        phase(f"Turn {turn.number}")
        replies = await parallel(
            [agent(f"Search the leases for {angle}, part {turn.number}.", schema=PLACES, label=angle) for angle in ANGLES]
        )
        places = [place for reply in replies if reply for place in reply["places"]]
        fresh = {key(place): place for place in places if key(place) not in known}
        turn.found(list(fresh))
        batch = [fresh[name] for name in sorted(fresh)][:10]
        for place in await pipeline(batch, binding):
            if place and place["holds"]:
                known[key(place)] = place
    return {"binding": [known[name] for name in sorted(known)]}
