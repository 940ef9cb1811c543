"""Which rare variants do several of these exome reports share, and do they really stand there?"""

from weft.primitives import agent, dedup, parallel, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"reports": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 20}},
    "required": ["reports"],
}
VARIANTS = {
    "type": "object",
    "properties": {
        "variants": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"gene": {"type": "string"}, "change": {"type": "string"}, "source": {"type": "string"}, "line": {"type": "integer"}},
                "required": ["gene", "change", "source", "line"],
            },
        }
    },
    "required": ["variants"],
}


def site(v):
    return (v["gene"].upper(), v["change"].replace(" ", ""))


async def main(args):
    phase("Read")
    replies = await parallel([agent(f"List the rare variants that {r} reports, with the line.", schema=VARIANTS, label=r) for r in args["reports"]])
    flat = [v for reply in replies for v in (reply and reply["variants"])]

    carriers = {}
    for v in flat:
        carriers.setdefault(site(v), set()).add(v["source"])
    shared = dedup([v for v in flat if len(carriers[site(v)]) > 1], key=site)

    async def check(variant):
        verdict = await verify(variant, lenses=["the report says so on that line", "it is called rare there, not common"], quorum=2)
        return {**variant, "outcome": verdict["outcome"]}

    phase("Verify")
    checked = await pipeline(shared, check)
    return {
        "shared": [{**v, "carriers": sorted(carriers[site(v)])} for v in checked if v],
        "lost": len(checked.lost),
    }
