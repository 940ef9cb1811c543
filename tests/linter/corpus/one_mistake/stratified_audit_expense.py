"""Stratified audit of expense claims: the auditor names the strata, each stratum is examined on its own."""

from weft.primitives import agent, log, parallel

ARGS = {"type": "object", "properties": {"year": {"type": "integer"}}, "required": ["year"]}
STRATA = {
    "type": "object",
    "properties": {
        "strata": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
                "required": ["name", "size"],
            },
        }
    },
    "required": ["strata"],
}
RATE = {"type": "object", "properties": {"errors": {"type": "integer"}, "sampled": {"type": "integer"}}, "required": ["errors", "sampled"]}


async def main(args):
    design = await agent(f"Divide the expense claims of {args['year']} into strata by department and amount.", schema=STRATA)
    if design is None:
        return {"rate": None}
    strata = [s for s in design["strata"] if s["size"] >= 30]
    log(f"{len(strata)} strata")
    samples = await parallel([agent(f"Draw and check a sample of the stratum {s['name']} in {args['year']}.", schema=RATE) for s in strata])
    total = 0
    weighted = 0.0
    for s, x in zip(strata, samples):
        if x is None or x["sampled"] == 0:
            continue
        total = total + s["size"]
        weighted = weighted + s["size"] * x["errors"] / x["sampled"]
    return {"rate": weighted / total if total > 0 else None, "covered": total}
