"""Which of last month's supplier invoices are out of line, and what should accounting ask about each of them?"""

import statistics

from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"invoices": {"type": "array", "minItems": 1, "maxItems": 40, "items": {"type": "string"}}},
    "required": ["invoices"],
}
READ = {
    "type": "object",
    "properties": {
        "supplier": {"type": "string"},
        "amount": {"type": "number"},
        "currency": {"type": "string", "enum": ["EUR", "USD", "GBP"]},
    },
    "required": ["supplier", "amount", "currency"],
}


async def main(args):
    phase("Read")
    rows = await parallel(
        [agent(f"Read the invoice {path} and give its total.", schema=READ, label=path) for path in args["invoices"]]
    )
    amounts = [row["amount"] for row in rows if row]
    if not amounts:
        return {"questions": [], "read": 0}
    middle = statistics.median(amounts)
    log(f"median {middle}")

    async def question(pair):
        path, row = pair
        if row is None or row["amount"] <= 2 * middle:
            return None
        text = await agent(
            f"Invoice {path} of {row['supplier']} is over {row['amount']} {row['currency']}; the month's median is {middle}. "
            "Write one question to the supplier."
        )
        return {"invoice": path, "question": text} if text else None

    phase("Ask")
    asked = await pipeline(list(zip(args["invoices"], rows)), question)
    return {"questions": [a for a in asked if a], "read": len(amounts)}
