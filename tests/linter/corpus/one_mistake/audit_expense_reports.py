"""Audit the expense reports of a quarter: what is claimed against policy, with evidence and votes."""

from weft.primitives import agent, finding, log, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"reports": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 40}, "policy": {"type": "string"}},
    "required": ["reports", "policy"],
}
BREACHES = {
    "type": "object",
    "properties": {
        "breaches": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"source": {"type": "string"}, "line": {"type": "integer"}, "rule": {"type": "string"}},
                "required": ["source", "line", "rule"],
            },
        }
    },
    "required": ["breaches"],
}


async def main(args):
    async def read(report):
        reply = await agent(f"Which lines of {report} breach {args['policy']}?", schema=BREACHES, label=report)
        return reply["breaches"] if reply else None

    async def weigh(breaches, report):
        rows = []
        for breach in breaches:
            verdict = await verify(breach, lenses=["the line says so", "the rule is in force", "no exception applies"], quorum=4)
            rows.append({**breach, "report": report, "outcome": verdict["outcome"], "votes": len(verdict["votes"])})
            if verdict["survives"]:
                finding({"report": report, "line": breach["line"]})
        return rows

    phase("Audit")
    results = await pipeline(args["reports"], read, weigh)
    rows = [row for result in results if result for row in result]
    log(f"{len(rows)} breaches weighed")
    return {
        "breaches": [row for row in rows if row["outcome"] == "survives"],
        "undecided": [row for row in rows if row["outcome"] == "undecided"],
        "unread": [report for report, result in zip(args["reports"], results) if result is None],
    }
