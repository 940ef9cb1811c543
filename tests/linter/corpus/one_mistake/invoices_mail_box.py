"""Invoices in a mail box: list them all, none twice, until nothing new turns up."""

from weft.primitives import Seen, agent, until_dry

INVOICES = {
    "type": "object",
    "properties": {
        "invoices": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {
                    "number": {"type": "string"},
                    "vendor": {"type": "string"},
                    "cents": {"type": "integer"},
                },
                "required": ["number", "vendor", "cents"],
            },
        }
    },
    "required": ["invoices"],
}


def by_document(row):
    vendor = row["vendor"].strip().casefold()
    return f"{vendor}#{row['invoice_number']}"


KEYS = {"invoice": by_document, "vendor": lambda row: row["vendor"]}


async def main(args):
    seen = Seen(key=KEYS["invoice"])
    total, rows = 0, []
    for turn in until_dry(max_rounds=6):
        reply = await agent(f"List invoices in the mail box, page {turn.number}.", schema=INVOICES)
        fresh = seen.add(reply["invoices"] if reply else [])
        turn.found(fresh)
        rows.extend(fresh)
        total += sum(row["cents"] for row in fresh)
    return {"rows": rows, "cents": total}
