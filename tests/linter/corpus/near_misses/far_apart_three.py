"""How far apart are three laboratories' measurements of lead in the same water sample?"""

from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"sample": {"type": "string"}}, "required": ["sample"]}
LABS = ["harbour", "university", "county"]
LEAD = {
    "type": "object",
    "properties": {"micrograms": {"type": "number"}, "method": {"type": "string", "enum": ["ICP-MS", "AAS", "strip"]}},
    "required": ["micrograms", "method"],
}


def spread(reports):
    values = sorted(report["micrograms"] for report in reports)
    return values[-1] - values[0]


async def main(args):
    phase("Read")
    reports = await parallel(
        [agent(f"Find the {lab} laboratory's result for sample {args['sample']}.", schema=LEAD, label=lab) for lab in LABS]
    )
    if all(report is None for report in reports):
        return {"spread": None, "why": "no laboratory answered", "advice": None}
    gap = spread(reports)
    if gap < 1:
        return {"spread": gap, "why": None, "advice": None}
    phase("Explain")
    why, advice = await parallel(
        [
            agent(f"The results for {args['sample']} lie {gap} micrograms apart. What explains that?"),
            agent(f"Which of {', '.join(LABS)} should measure {args['sample']} again, given a gap of {gap}?"),
        ]
    )
    return {"spread": gap, "why": why, "advice": advice}
