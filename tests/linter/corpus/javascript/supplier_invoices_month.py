"""Which supplier invoices of this month have totals or tax that do not add up?"""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 60}},
    "required": ["files"],
}
INVOICE = {
    "type": "object",
    "properties": {
        "supplier": {"type": "string"},
        "net": {"type": "number"},
        "tax": {"type": "number"},
        "gross": {"type": "number"},
    },
    "required": ["supplier", "net", "tax", "gross"],
}
VERDICT = {
    "type": "object",
    "properties": {"adds_up": {"type": "boolean"}, "difference": {"type": "number"}},
    "required": ["adds_up", "difference"],
}


def to_row(pair):
    path, invoice = pair
    return {**invoice, "path": path}


async def main(args):
    files = args["files"]

    phase("Extract")
    extracted = await parallel([agent(f"Read the invoice in {p}: supplier and amounts.", schema=INVOICE, label=p) for p in files])
    rows = list(map(to_row, filter(lambda pair: pair[1], zip(files, extracted))))
    log(f"{len(rows)} of {len(files)} invoices were read")

    phase("Recalculate")
    checks = await parallel(
        [
            agent(f"Open {row['path']} and recalculate every line of it. We read {row['net']} net, {row['tax']} tax, {row['gross']} gross.", schema=VERDICT)
            for row in rows
        ]
    )
    results = [{**row, **check} for row, check in zip(rows, checks) if check]
    return {
        "wrong": [r for r in results if not r["adds_up"]],
        "unread": [p for p, invoice in zip(files, extracted) if invoice is None],
        "unchecked": [row["path"] for row, check in zip(rows, checks) if check is None],
    }
