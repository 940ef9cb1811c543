"""Which of the rare variants in these exomes could explain the patients' muscle weakness?"""
from weft.primitives import agent, log, parallel, phase, pipeline, verify

META = {"name": "rare-variants", "description": "Rare variants that could explain muscle weakness"}
ARGS = {
    "type": "object",
    "properties": {
        "exomes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12},
        "phenotype": {"type": "string", "default": "progressive proximal muscle weakness"},
    },
    "required": ["exomes"],
}
VARIANTS = {
    "type": "object",
    "properties": {
        "variants": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"gene": {"type": "string"}, "change": {"type": "string"}, "frequency": {"type": "number"}},
                "required": ["gene", "change", "frequency"],
            },
        }
    },
    "required": ["variants"],
}
LINK = {
    "type": "object",
    "properties": {"plausible": {"type": "boolean"}, "mechanism": {"type": "string"}},
    "required": ["plausible", "mechanism"],
}


async def main(args):
    # phase one: read every exome
    phase("Read exomes")
    replies = await parallel([agent(f"List the rare protein-changing variants in {path}.", schema=VARIANTS, label=f"read:{path}") for path in args["exomes"]])
    unread = []
    carriers = {}
    details = {}
    for i in range(len(replies)):
        if replies[i] is None:
            unread.append(args["exomes"][i])
            continue
        for variant in replies[i]["variants"]:
            key = (variant["gene"].upper(), variant["change"])
            details[key] = variant
            carriers.setdefault(key, [])
            if args["exomes"][i] not in carriers[key]:
                carriers[key].append(args["exomes"][i])

    # phase two: how many patients share it decides what is looked at
    ranked = []
    for key in carriers:
        ranked.append((-len(carriers[key]), details[key]["frequency"], key))
    ranked.sort()
    shortlist = [details[entry[2]] for entry in ranked[:15]]
    if len(ranked) > 15:
        log(f"{len(ranked) - 15} variants were left aside, as fewer patients carry them")

    # phase three: literature, then skeptics, each variant on its own
    async def literature(variant):
        link = await agent(f"Could {variant['gene']} {variant['change']} lead to {args['phenotype']}? Cite what is published.", schema=LINK, label=f"lit:{variant['gene']}")
        if link is None or not link["plausible"]:
            return None
        return {"gene": variant["gene"], "change": variant["change"], "mechanism": link["mechanism"]}

    async def doubt(candidate):
        verdict = await verify(candidate, lenses=["the mechanism is published", "the frequency fits a rare disease"], quorum=2)
        return candidate if verdict["survives"] else None

    phase("Explain")
    explained = await pipeline(shortlist, literature, doubt)
    standing = []
    for candidate in explained:
        if candidate is not None:
            standing.append(candidate)

    phase("Report")
    if not standing:
        return {"report": "No variant stands.", "variants": [], "unread": unread}
    report = await agent(f"Write a page for the geneticist about these verified variants only: {standing}", label="report", critical=True)
    return {"report": report, "variants": standing, "unread": unread}
