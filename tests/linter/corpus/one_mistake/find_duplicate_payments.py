"""Find duplicate payments in the ledger and have every suspicion contested."""

from weft.primitives import agent, log, pipeline, until_dry, verify

ARGS = {"type": "object", "properties": {"ledger": {"type": "string"}}, "required": ["ledger"]}
PAIRS = {
    "type": "object",
    "properties": {
        "pairs": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"first": {"type": "string"}, "second": {"type": "string"}, "amount": {"type": "number"}},
                "required": ["first", "second", "amount"],
            },
        }
    },
    "required": ["pairs"],
}
LENSES = ["two real orders", "instalments", "a refund in between"]


def pair_id(pair):
    return "+".join(sorted((pair["first"], pair["second"])))


async def contest(pair):
    verdict = await verify(f"{pair['first']} and {pair['second']} pay the same bill", lenses=LENSES, quorum=2)
    return pair if verdict["survives"] else None


async def main(args):
    accepted = {}
    for turn in until_dry(max_rounds=5, patience=2):
        reply = await agent(f"Payments made twice in {args['ledger']}, part {turn.number}", schema=PAIRS)
        by_id = {pair_id(pair): pair for pair in (reply["pairs"] if reply else [])}
        fresh = sorted(by_id.keys() - accepted.keys())
        held = [pair for pair in await pipeline([by_id[i] for i in fresh], contest) if pair]
        turn.found(held)
        accepted.update((pair_id(pair), pair) for pair in held)
        log(f"{len(accepted)} pairs stand")
    return [accepted[i] for i in sorted(accepted)]
