"""Sweep three registries for abandoned packages that we still depend on; two reviewers must agree."""

from weft.primitives import agent, parallel, phase, verify

PACKAGES = {
    "type": "object",
    "properties": {
        "packages": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "last_release": {"type": "string"}},
                "required": ["name", "last_release"],
            },
        }
    },
    "required": ["packages"],
}
REGISTRIES = ["npm", "PyPI", "crates.io"]


async def main(args):
    status = {}
    for attempt in range(4):
        phase(f"Sweep {attempt + 1}")
        skip = ", ".join(sorted(status)) or "none"
        replies = await parallel(
            [agent(f"Name dependencies of ours on {r} without a maintainer. Leave out: {skip}", schema=PACKAGES) for r in REGISTRIES]
        )
        fresh = []
        for reply in replies:
            for p in reply["packages"] if reply else []:
                if p["name"] in status:
                    continue
                status[p["name"]] = "open"
                fresh.append(p)
        if not fresh:
            break
        verdicts = await parallel(
            [verify(p, lenses=["there is no later release", "nobody answers issues"], quorum=2) for p in fresh]
        )
        for p, v in zip(fresh, verdicts):
            if v is not None:
                status[p["name"]] = "abandoned" if v["survives"] else "alive"
    return {"abandoned": sorted(n for n, s in status.items() if s == "abandoned"), "open": sorted(n for n, s in status.items() if s == "open")}
