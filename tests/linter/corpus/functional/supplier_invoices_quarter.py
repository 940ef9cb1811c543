"""Which supplier invoices of the quarter were probably paid twice?"""

from weft.primitives import Seen, agent, parallel, phase, until_dry

META = {"name": "double-payments", "description": "Hunt for invoices that were paid twice"}
ARGS = {
    "type": "object",
    "properties": {"ledgers": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}},
    "required": ["ledgers"],
}
PAIR = {
    "type": "object",
    "properties": {
        "first": {"type": "string"},
        "second": {"type": "string"},
        "amount": {"type": "number"},
        "reasoning": {"type": "string"},
    },
    "required": ["first", "second", "amount", "reasoning"],
}
PAIRS = {
    "type": "object",
    "properties": {"pairs": {"type": "array", "maxItems": 10, "items": PAIR}},
    "required": ["pairs"],
}


def hunt(ledger, known):
    return agent(
        f"Find pairs of invoices in {ledger} that pay for the same delivery.",
        schema=PAIRS,
        context={"already reported": known},
        label=f"hunt:{ledger}",
    )


async def main(args):
    seen, pairs = Seen(key=lambda p: p["reasoning"]), []
    for lap in until_dry(max_rounds=4, patience=1):
        phase(f"Lap {lap.number}")
        replies = await parallel([hunt(ledger, pairs) for ledger in args["ledgers"]])
        fresh = seen.add(p for r in replies if r for p in r["pairs"])
        lap.found(fresh)
        pairs += fresh
    return {"candidates_not_verified": sorted(pairs, key=lambda p: -p["amount"])}
