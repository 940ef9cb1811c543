"""Which clauses of a lease put the tenant at a disadvantage? Each is judged, and judged again by its finder."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"lease": {"type": "string"}, "parts": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["lease", "parts"],
}
CLAUSE = {
    "type": "object",
    "properties": {
        "clause": {"type": "string"},
        "reasoning": {"type": "string", "maxLength": 600},
        "unfair": {"type": "boolean"},
    },
    "required": ["clause", "reasoning", "unfair"],
}
AGREE = {"type": "object", "properties": {"agree": {"type": "boolean"}}, "required": ["agree"]}


async def examine(lease, part):
    first = await agent(f"Which clause in {part} of {lease} harms the tenant most, and why?", schema=CLAUSE, label=f"find:{part}")
    if first is None or not first["unfair"]:
        return None
    votes = await parallel(
        [
            agent(f"You found clause {first['clause']} unfair because: {first['reasoning']}\nConfirm that your reasoning is right.", schema=AGREE, tools=[], label=f"vote:{part}:{number}")
            for number in range(3)
        ]
    )
    agreed = sum(1 for vote in votes if vote and vote["agree"])
    return {"part": part, "clause": first["clause"], "reason": first["reasoning"]} if agreed >= 2 else None


async def main(args):
    phase("Examine")
    results = await parallel([examine(args["lease"], part) for part in args["parts"]])
    kept = [result for result in results if result]
    log(f"{len(kept)} unfair clauses")
    return {"clauses": kept}
