"""Which variants in these genome reports are named by more than one lab, and do they hold up?"""

from collections import Counter

from weft.primitives import agent, dedup, parallel, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"reports": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 12}},
    "required": ["reports"],
}
VARIANTS = {
    "type": "object",
    "properties": {
        "variants": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "chromosome": {"type": "string"},
                    "position": {"type": "integer"},
                    "alternate": {"type": "string"},
                    "significance": {"type": "string"},
                },
                "required": ["chromosome", "position", "alternate", "significance"],
            },
        }
    },
    "required": ["variants"],
}

place = lambda v: (v["chromosome"].removeprefix("chr"), v["position"], v["alternate"].upper())


async def hold(variant):
    verdict = await verify(variant, lenses=["the report says so", "the reference genome has this place"], quorum=2)
    return variant if verdict["survives"] else None


async def main(args):
    reports = args["reports"]
    found = await parallel([agent(f"List the variants of {r}.", schema=VARIANTS, label=f"read:{r}") for r in reports])
    by_lab = [dedup(reply["variants"], key=place) for reply in found if reply]
    labs = Counter(place(v) for variants in by_lab for v in variants)
    shared = [v for v in dedup((v for variants in by_lab for v in variants), key=place) if labs[place(v)] > 1]
    return [v for v in await pipeline(shared, hold) if v]
