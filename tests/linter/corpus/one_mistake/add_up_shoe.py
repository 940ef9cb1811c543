"""Add up a shoe box of receipts by kind, to the cent."""

from collections import defaultdict
from decimal import Decimal

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"receipts": {"type": "array", "items": {"type": "string"}, "maxItems": 50}},
    "required": ["receipts"],
}
RECEIPT = {
    "type": "object",
    "properties": {"kind": {"enum": ["food", "travel", "office", "other"]}, "total": {"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"}},
    "required": ["kind", "total"],
}


async def main(args):
    read = await parallel([agent(f"Read kind and total off the receipt {scan}.", schema=RECEIPT) for scan in args["receipts"]])
    sums = defaultdict(Decimal)
    for receipt in read:
        if receipt:
            sums[receipt["kind"]] += Decimal(receipt["total"])
    return {kind: str(total) for kind, total in sorted(sums.items())}
