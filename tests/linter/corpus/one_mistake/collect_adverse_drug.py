"""Collect adverse drug reactions from case reports until two passes bring nothing new."""

from weft.primitives import agent, parallel, until_dry, verify

ARGS = {"type": "object", "properties": {"drug": {"type": "string"}}, "required": ["drug"]}
REPORT = {
    "type": "object",
    "properties": {
        "reactions": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"meddra": {"type": "string"}, "case_id": {"type": "string"}},
                "required": ["meddra", "case_id"],
            },
        }
    },
    "required": ["reactions"],
}
SOURCES = ["EudraVigilance", "FAERS", "case reports in PubMed"]


async def main(args):
    drug = args["drug"]
    table = {}
    for step in until_dry(max_rounds=5, patience=2):
        replies = await parallel([agent(f"Pass {step.number}: reactions to {drug} in {s}.", schema=REPORT) for s in SOURCES])
        candidates = {}
        for rep in replies:
            if rep is None:
                continue
            for rea in rep["reactions"]:
                if rea["meddra"] in table:
                    continue
                candidates[rea["meddra"]] = rea
        step.found(list(candidates.values()))
        rows = list(candidates.values())
        verdicts = await parallel([verify(f"{drug} caused {r['meddra']} in case {r['case_id']}", votes=3) for r in rows])
        for row, verdict in zip(rows, verdicts):
            if verdict is not None and verdict["survives"]:
                table[row["meddra"]] = row["case_id"]
    return {"reactions": table}
