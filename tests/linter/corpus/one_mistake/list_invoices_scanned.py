"""List the invoices in the scanned folders and show each only once."""

from weft.primitives import agent, dedup, parallel

ARGS = {
    "type": "object",
    "properties": {
        "folders": {"type": "array", "maxItems": 10, "items": {"type": "string"}},
        "per": {"type": "string", "enum": ["invoice", "vendor"], "default": "invoice"},
    },
    "required": ["folders"],
}
INVOICES = {
    "type": "object",
    "properties": {
        "invoices": {
            "type": "array",
            "maxItems": 25,
            "items": {
                "type": "object",
                "properties": {
                    "vendor": {"type": "string"},
                    "invoice_number": {"type": "string"},
                    "total": {"type": "number"},
                },
                "required": ["vendor", "invoice_number", "total"],
            },
        }
    },
    "required": ["invoices"],
}
KEYS = {
    "vendor": lambda row: row["vendor"].casefold(),
    "invoice": lambda row: (row["vendor"].casefold(), row["invoice_no"]),
}


async def main(args):
    scans = await parallel([agent(f"Invoices in folder {f}", schema=INVOICES, label=f) for f in args["folders"]])
    rows = []
    for scan in scans:
        rows += scan["invoices"] if scan else []
    chosen = KEYS["vendor"] if args["per"] == "vendor" else KEYS["invoice"]
    unique = dedup(rows, key=chosen)
    return {"invoices": unique, "total": round(sum(row["total"] for row in unique), 2)}
