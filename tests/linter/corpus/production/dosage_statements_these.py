"""Do the dosage statements of these patient leaflets agree with the approved product information?"""

from weft.primitives import agent, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"leaflets": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}},
    "required": ["leaflets"],
}
DOSES = {
    "type": "object",
    "properties": {
        "doses": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"statement": {"type": "string"}, "source": {"type": "string"}, "line": {"type": "integer"}},
                "required": ["statement", "source", "line"],
            },
        }
    },
    "required": ["doses"],
}


async def read(leaflet):
    reply = await agent(f"Quote every statement about doses in {leaflet}.", schema=DOSES, label=leaflet)
    return reply and {"leaflet": leaflet, "doses": reply["doses"], "cut": reply["doses"].full}


async def compare(entry):
    async def one(dose):
        verdict = await verify(dose, lenses=["the product information says the same", "no group of patients is left out"], quorum=2)
        return {**dose, "outcome": verdict["outcome"], "reasons": [v["reason"] for v in verdict["votes"]]}

    checked = await pipeline(entry["doses"], one)
    return {**entry, "doses": [c or {**d, "outcome": "undecided", "reasons": []} for c, d in zip(checked, entry["doses"])]}


async def main(args):
    phase("Compare")
    results = await pipeline(args["leaflets"], read, compare)
    doses = [d for r in results if r for d in r["doses"]]
    by_outcome = {name: [d for d in doses if d["outcome"] == name] for name in ("survives", "refuted", "undecided")}
    return {
        "agree": len(by_outcome["survives"]),
        "disagree": by_outcome["refuted"],
        "for_the_pharmacist": by_outcome["undecided"],
        "may_have_more": [r["leaflet"] for r in results if r and r["cut"]],
        "not_read": [name for name, r in zip(args["leaflets"], results) if r is None],
    }
