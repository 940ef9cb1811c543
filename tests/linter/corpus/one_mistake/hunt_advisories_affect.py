"""Hunt for advisories that affect our container base images, until nothing new comes up."""

from weft.primitives import Seen, agent, parallel, until_dry, verify

META = {"name": "base-image-advisories", "description": "Advisory hunt over three feeds"}
FEEDS = ("the distribution's security tracker", "the OSV database", "vendor bulletins")
ADVISORIES = {
    "type": "object",
    "properties": {
        "advisories": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"cve": {"type": "string"}, "package": {"type": "string"}, "fixed_in": {"type": "string"}},
                "required": ["cve", "package", "fixed_in"],
            },
        }
    },
    "required": ["advisories"],
}


def memory():
    return Seen(key=lambda a: (a["cve"].upper(), a["package"].lower()))


async def affects_us(advisory):
    verdict = await verify(advisory, lenses=["the package is installed", "the vulnerable code path is reachable"], quorum=1)
    return advisory if verdict["survives"] else None


async def main(args):
    affected = []
    for sweep in until_dry(max_rounds=2, patience=1):
        known = memory()
        replies = await parallel(
            [agent(f"Sweep {sweep.number}: search {feed} for advisories on debian:12-slim.", schema=ADVISORIES) for feed in FEEDS]
        )
        batch = known.add(a for r in replies if r for a in r["advisories"])
        sweep.found(batch)
        affected += [a for a in await parallel([affects_us(a) for a in batch]) if a]
    return {"affected": affected}
