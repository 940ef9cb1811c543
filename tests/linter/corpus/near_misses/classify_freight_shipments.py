"""Classify freight shipments in batches, with a second try for what came back empty."""

from dataclasses import asdict, dataclass, field

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"shipments": {"type": "array", "items": {"type": "string"}, "maxItems": 500}},
    "required": ["shipments"],
}
SIZE = 10
CODES = {
    "type": "object",
    "properties": {
        "codes": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"shipment": {"type": "string"}, "tariff": {"type": "string", "pattern": "^[0-9]{6}$"}},
                "required": ["shipment", "tariff"],
            },
        }
    },
    "required": ["codes"],
}


@dataclass
class Batch:
    number: int
    shipments: list
    codes: dict = field(default_factory=dict)


async def classify(batch):
    reply = await agent("Give the six-digit tariff code for each shipment: " + "; ".join(batch.shipments), schema=CODES, label=f"batch:{batch.number}")
    if reply:
        batch.codes = {code["shipment"]: code["tariff"] for code in reply["codes"] if code["shipment"] in batch.shipments}
    return batch


async def main(args):
    shipments = args["shipments"]
    batches = [Batch(start // SIZE, shipments[start : start + SIZE]) for start in range(0, len(shipments), SIZE)]
    phase("Classify")
    await parallel([classify(batch) for batch in batches])
    phase("Again")
    empty = [batch for batch in batches if not batch.codes]
    log(f"{len(empty)} batches are tried again")
    await parallel([classify(batch) for batch in empty])
    return {"batches": [asdict(batch) for batch in batches], "missing": [name for batch in batches for name in batch.shipments if name not in batch.codes]}
