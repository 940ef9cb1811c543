"""Read scanned invoices and check that line totals add up to the invoice total."""

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"scans": {"type": "array", "items": {"type": "string"}, "maxItems": 100}},
    "required": ["scans"],
}
INVOICE = {
    "type": "object",
    "properties": {
        "number": {"type": "string"},
        "totalCents": {"type": "integer"},
        "discountCents": {"type": "integer"},
        "lineItems": {
            "type": "array",
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {"qty": {"type": "number"}, "unitCents": {"type": "integer"}},
                "required": ["qty", "unitCents"],
            },
        },
    },
    "required": ["number", "totalCents", "lineItems"],
}


def readScan(scan):
    return agent(f"Read the invoice in {scan}; amounts in cents.", schema=INVOICE)


def addUp(invoice, scan):
    lines = sum(item["qty"] * item["unitCents"] for item in invoice["lineItems"])
    discount = invoice["discountCents"] if "discountCents" in invoice else 0
    gap = round(lines - discount - invoice["totalCents"])
    return {**invoice, "scan": scan, "gap": gap}


async def main(args):
    checked = await pipeline(args["scans"], readScan, addUp)
    wrong = [c for c in checked if c and abs(c["gap"]) > 1]
    log(f"{len(wrong)} invoices do not add up")
    return [{"scan": c["scan"], "number": c["number"], "gap": c["gap"]} for c in wrong]
