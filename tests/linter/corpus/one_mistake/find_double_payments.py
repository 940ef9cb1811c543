"""Find double payments in the ledger extracts of several subsidiaries that share suppliers."""
from collections import Counter
from itertools import chain

from weft.primitives import agent, dedup, log, parallel, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"extracts": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 8}},
    "required": ["extracts"],
}
DOUBLES = {
    "type": "object",
    "properties": {
        "doubles": {"type": "array", "maxItems": 5, "items": {
            "type": "object",
            "properties": {
                "supplier": {"type": "string"},
                "invoice_no": {"type": "string"},
                "amount_cents": {"type": "integer"},
                "extract": {"type": "string"},
            },
            "required": ["supplier", "invoice_no", "amount_cents", "extract"]}},
    },
    "required": ["doubles"],
}
LENSES = ["both bookings are in the extract", "no credit note cancels one", "it is not an instalment"]


async def find(extract):
    return await agent(
        f"Find payments in {extract} that were made twice, here or in a sister company that paid the same invoice.",
        schema=DOUBLES,
        label=extract,
    )


async def confirm(double):
    verdict = await verify(double, lenses=LENSES, quorum=2)
    return double if verdict["survives"] else None


async def confirm_all(reply):
    return [d for d in await parallel([confirm(d) for d in reply["doubles"]]) if d]


async def main(args):
    groups = await pipeline(args["extracts"], find, confirm_all)
    confirmed = list(chain.from_iterable(g for g in groups if g))
    unique = dedup(confirmed, key=lambda d: (d["supplier"].casefold(), d["invoice_no"]))
    per_supplier = Counter()
    for double in unique:
        per_supplier[double["supplier"]] += double["amount_cents"]
    log(f"{len(unique)} double payments")
    return {
        "doubles": unique,
        "per_supplier": dict(per_supplier.most_common()),
        "unread": [e for e, g in zip(args["extracts"], groups) if g is None],
    }
