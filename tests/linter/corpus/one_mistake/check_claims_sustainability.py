"""Check the claims of a sustainability report, each by three auditors of different trades."""

from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {"type": "object", "properties": {"report": {"type": "string"}}, "required": ["report"]}
CLAIMS = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 25,
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string", "maxLength": 400}, "page": {"type": "integer"}},
                "required": ["text", "page"],
            },
        }
    },
    "required": ["claims"],
}
VOTE = {
    "type": "object",
    "properties": {"vote": {"enum": ["holds", "fails", "cannot say"]}, "evidence": {"type": "string", "maxLength": 300}},
    "required": ["vote", "evidence"],
}
TRADES = ["an energy engineer", "an accountant", "a supply chain auditor"]


async def ballot(claim):
    asked = [
        agent(f"You are {trade}. Try to refute this claim; look for evidence outside the report: {claim['text']} (page {claim['page']})", schema=VOTE, label=f"{trade}:{claim['page']}")
        for trade in TRADES
    ]
    votes = [vote for vote in await parallel(asked) if vote]
    against = sum(1 for vote in votes if vote["vote"] == "fails")
    return {**claim, "holds": against < 2, "evidence": [vote["evidence"] for vote in votes]}


async def main(args):
    phase("Claims")
    listed = await agent(f"List the measurable claims of {args['report']}.", schema=CLAIMS, label="claims")
    if not listed:
        return {"holds": [], "fails": [], "note": "the report could not be read"}
    phase("Ballot")
    rows = [row for row in await pipeline(listed["claims"], ballot) if row]
    log(f"{sum(row['holds'] for row in rows)} of {len(rows)} claims hold")
    return {"holds": [row for row in rows if row["holds"]], "fails": [row for row in rows if not row["holds"]]}
