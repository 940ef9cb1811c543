"""Chase the suppliers whose invoice for the quarter has not come."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "suppliers": {"type": "array", "items": {"type": "string"}, "maxItems": 80},
        "invoices": {"type": "array", "items": {"type": "string"}, "maxItems": 40},
    },
    "required": ["suppliers", "invoices"],
}
HEAD = {
    "type": "object",
    "properties": {"supplier": {"type": "string"}, "total": {"type": "number"}},
    "required": ["supplier", "total"],
}


async def main(args):
    heads = await parallel([agent(f"Read supplier and total off {path}.", schema=HEAD) for path in args["invoices"]])
    totals = {head["supplier"]: head["total"] for head in heads if head}
    missing = frozenset(args["suppliers"]) - totals.keys()
    if not missing:
        return {"letter": None, "totals": totals}
    names = "; ".join(missing)
    letter = await agent(f"Write one polite reminder, to be sent to each of: {names}.")
    return {"letter": letter, "totals": totals}
