"""Turn scanned supplier bills into payment orders."""

from dataclasses import asdict, dataclass

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "required": ["files"],
    "properties": {"files": {"type": "array", "items": {"type": "string"}, "maxItems": 150}},
}
BILL = {
    "type": "object",
    "required": ["supplier", "cents", "due_date"],
    "additionalProperties": False,
    "properties": {
        "supplier": {"type": "string"},
        "cents": {"type": "integer"},
        "due_date": {"type": "string"},
        "discount": {"type": "integer"},
    },
}
ACCOUNT = {"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string"}}}


@dataclass(frozen=True)
class PaymentOrder:
    supplier: str
    cents: int
    due: str
    iban: str = ""


class BillMapper:
    def to_order(self, bill):
        net = bill["cents"] - bill["discount"]
        return PaymentOrder(supplier=bill["supplier"], cents=net, due=bill.get("due", ""))


class Payments:
    def __init__(self, mapper):
        self.mapper = mapper

    def read(self, path):
        return agent(f"Read the supplier bill {path}.", schema=BILL)

    def convert(self, bill):
        return self.mapper.to_order(bill)

    async def complete(self, order):
        account = await agent(f"Look up the IBAN of {order.supplier} in the supplier list.", schema=ACCOUNT)
        if account is None:
            return None
        return {**asdict(order), "iban": account["iban"]}


async def main(args):
    payments = Payments(BillMapper())
    orders = await pipeline(args["files"], payments.read, payments.convert, payments.complete)
    return {"orders": [o for o in orders if o], "failed": [f for f, o in zip(args["files"], orders) if o is None]}
