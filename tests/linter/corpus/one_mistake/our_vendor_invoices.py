"""Which of our vendor invoices do not match the purchase order they refer to?"""

from weft.primitives import agent, log, parallel, phase, pipeline

META = {"name": "invoice-match", "description": "Compare invoices with purchase orders"}
ARGS = {
    "type": "object",
    "properties": {"invoices": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
    "required": ["invoices"],
}
LINES = {
    "type": "object",
    "properties": {
        "number": {"type": "string"},
        "order": {"type": "string"},
        "total_cents": {"type": "integer"},
    },
    "required": ["number", "order", "total_cents"],
}
MATCH = {
    "type": "object",
    "properties": {"matches": {"type": "boolean"}, "difference": {"type": "string", "maxLength": 300}},
    "required": ["matches", "difference"],
}


def has_order(read):
    return bool(read) and bool(read["order"].strip())


async def main(args):
    phase("Read invoices")
    reads = await parallel([agent(f"Read the invoice {path} and give its fields.", schema=LINES, label=path) for path in args["invoices"]])
    usable = [read for read in reads if has_order(read)]
    log(f"{len(usable)} of {len(reads)} invoices name an order")
    phase("Compare")
    checks = await parallel(
        [
            agent(f"Compare invoice {read['number']} over {read['total_cents']} cents with order {read['order']}.", schema=MATCH)
            for read in usable
        ]
    )
    rows = []
    for read, found in zip(usable, checks):
        if found is None:
            rows.append({"invoice": read["number"], "status": "not compared"})
        elif not found["matches"]:
            rows.append({"invoice": read["number"], "status": found["difference"]})
    return {"rows": rows, "unread": sum(1 for read in reads if read is None)}
