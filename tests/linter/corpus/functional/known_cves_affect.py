"""Which known CVEs affect the dependencies of this product, in the versions that we ship?"""

from weft.primitives import agent, parallel, phase, pipeline, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {"lockfiles": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 5}},
    "required": ["lockfiles"],
}
HITS = {
    "type": "object",
    "properties": {
        "hits": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"cve": {"type": "string"}, "package": {"type": "string"}, "version": {"type": "string"}},
                "required": ["cve", "package", "version"],
            },
        }
    },
    "required": ["hits"],
}

key = lambda hit: (hit["cve"].upper(), hit["package"].lower())
LENSES = ["the shipped version is in the affected range", "the advisory exists", "the vulnerable code is reachable"]


async def confirm(hit):
    return hit if (await verify(hit, lenses=LENSES, quorum=2))["survives"] else None


async def main(args):
    confirmed = []
    for round in until_dry(max_rounds=5, patience=2):
        phase(f"Round {round.number}")
        known = {key(hit) for hit in confirmed}
        replies = await parallel(
            agent(
                f"Look for CVEs of the packages in {lock}. Leave out: {sorted(known)}",
                schema=HITS,
                label=f"scan:{lock}",
            )
            for lock in args["lockfiles"]
        )
        fresh = {key(h): h for reply in replies if reply for h in reply["hits"] if key(h) not in known}
        round.found(list(fresh))
        confirmed += filter(None, await pipeline(list(fresh.values()), confirm))
    return sorted(confirmed, key=key)
