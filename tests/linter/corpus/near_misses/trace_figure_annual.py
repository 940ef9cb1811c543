"""Trace each figure of an annual report to the ledger; what does not tie is told with both numbers."""

from weft.primitives import agent, log, parallel, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"sections": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}, "ledger": {"type": "string"}},
    "required": ["sections", "ledger"],
}
FIGURES = {
    "type": "object",
    "properties": {
        "figures": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "amount": {"type": "integer"}, "page": {"type": "integer"}},
                "required": ["name", "amount", "page"],
            },
        }
    },
    "required": ["figures"],
}
LEDGER = {
    "type": "object",
    "properties": {"accounts": {"type": "array", "maxItems": 10, "items": {"type": "string"}}, "sum": {"type": "integer"}},
    "required": ["accounts", "sum"],
}


async def main(args):
    async def figures(section):
        reply = await agent(f"List the figures in section {section}.", schema=FIGURES, label=section)
        return [{**figure, "section": section} for figure in reply["figures"]] if reply else None

    async def tie(rows):
        ledger = await parallel([agent(f"Which accounts of {args['ledger']} make up {row['name']}?", schema=LEDGER, label=row["name"]) for row in rows])
        return [{**row, "ledger": booked["sum"] if booked else None, "accounts": booked["accounts"] if booked else []} for row, booked in zip(rows, ledger)]

    async def attack(rows):
        off = [row for row in rows if row["ledger"] is not None and row["ledger"] != row["amount"]]
        verdicts = await parallel([verify(row, lenses=["the accounts are the right ones", "the sum is right"], quorum=2) for row in off])
        outcomes = [verdict["outcome"] if verdict else "undecided" for verdict in verdicts]
        untraced = [row["name"] for row in rows if row["ledger"] is None]
        return {"off": [{**row, "outcome": outcome} for row, outcome in zip(off, outcomes)], "untraced": untraced}

    phase("Trace")
    parts = dict(zip(args["sections"], await pipeline(args["sections"], figures, tie, attack)))
    log(f"{sum(part is None for part in parts.values())} sections lost")
    return parts
