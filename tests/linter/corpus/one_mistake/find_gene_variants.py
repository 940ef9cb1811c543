"""Find the gene variants in these case reports that are described as pathogenic, and check each."""

from weft.primitives import Seen, agent, log, parallel, phase, pipeline, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {"reports": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}},
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
                "properties": {"gene": {"type": "string"}, "hgvs": {"type": "string"}, "source": {"type": "string"}},
                "required": ["gene", "hgvs", "source"],
            },
        }
    },
    "required": ["variants"],
}


async def confirm(variant):
    verdict = await verify(variant, lenses=["the report says it", "the nomenclature is valid", "the classification is current"], quorum=2)
    return variant if verdict["survives"] else None


async def main(args):
    confirmed = []
    for round in until_dry(max_rounds=4, patience=1):
        seen = Seen(key=lambda v: (v["gene"].upper(), v["hgvs"]))
        phase(f"Search {round.number}")
        replies = await parallel(
            [agent(f"List pathogenic variants in {report} that a quick reader would miss.", schema=VARIANTS, label=report) for report in args["reports"]]
        )
        fresh = seen.add(v for reply in replies if reply for v in reply["variants"])
        round.found(fresh)
        log(f"round {round.number}: {len(fresh)} new")
        phase("Confirm")
        confirmed += [v for v in await pipeline(fresh, confirm) if v]
    return {"variants": confirmed}
