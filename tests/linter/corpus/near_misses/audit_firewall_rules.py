"""Audit the firewall rules of several sites; only what two independent readers found is reported, after a check."""

from weft.primitives import agent, log, parallel, phase, pipeline, quorum, verify

ARGS = {
    "type": "object",
    "properties": {"sites": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["sites"],
}
HOLES = {
    "type": "object",
    "properties": {
        "holes": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"rule": {"type": "integer"}, "port": {"type": "integer"}, "why": {"type": "string", "maxLength": 200}},
                "required": ["rule", "port", "why"],
            },
        }
    },
    "required": ["holes"],
}
READERS = ["from the internet inwards", "from the servers outwards", "by the order of the rules"]


async def read(site):
    replies = await parallel([agent(f"Read the firewall rules of {site} {reader}. Which let in too much?", schema=HOLES, label=f"{site}:{reader}") for reader in READERS])
    lists = [reply["holes"] if reply else None for reply in replies]
    agreed = quorum(lists, key=lambda hole: (hole["rule"], hole["port"]), at_least=2)
    return {"site": site, "agreed": agreed, "readers": sum(one is not None for one in lists)}


async def attack(read_site):
    site = read_site["site"]
    claims = [{**hole, "site": site} for hole in read_site["agreed"]]
    verdicts = await parallel([verify(claim, votes=3) for claim in claims])
    kept = [claim for claim, verdict in zip(claims, verdicts) if verdict and verdict["survives"]]
    return {"site": site, "holes": kept, "refused": len(claims) - len(kept), "readers": read_site["readers"]}


async def main(args):
    phase("Read and attack")
    rows = await pipeline(args["sites"], read, attack)
    log(f"{sum(len(row['holes']) for row in rows if row)} holes")
    return {"sites": [row for row in rows if row], "lost": [site for site, row in zip(args["sites"], rows) if row is None]}
