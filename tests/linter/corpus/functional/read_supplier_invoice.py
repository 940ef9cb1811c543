"""Read every supplier invoice and say which ones we should not pay as they stand."""

from functools import partial

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"invoices": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 60}},
    "required": ["invoices"],
}
INVOICE = {
    "type": "object",
    "properties": {
        "supplier": {"type": "string"},
        "net": {"type": "number"},
        "tax": {"type": "number"},
        "total": {"type": "number"},
    },
    "required": ["supplier", "net", "tax", "total"],
}
OPINION = {
    "type": "object",
    "properties": {"payable": {"type": "boolean"}, "remark": {"type": "string"}},
    "required": ["payable", "remark"],
}

extract = partial(agent, schema=INVOICE, effort="low")
opine = partial(agent, schema=OPINION)


def each(make, items):
    return parallel([make(item) for item in items])


async def main(args):
    phase("Extract")
    rows = await each(lambda path: extract(f"Take the amounts from the invoice {path}.", label=f"extract:{path}"), args["invoices"])
    pairs = [(path, row) for path, row in zip(args["invoices"], rows) if row is not None]
    phase("Judge")
    opinions = await each(
        lambda pair: opine(f"May invoice {pair[0]} be paid with these amounts? {pair[1]} Look at the order.", label=f"pay:{pair[0]}"),
        pairs,
    )
    return {path: said["remark"] for (path, _), said in zip(pairs, opinions) if said and not said["payable"]}
