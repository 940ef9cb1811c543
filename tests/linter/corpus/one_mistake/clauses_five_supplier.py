"""Which clauses of the five supplier contracts shift liability to us?"""

from weft.primitives import agent, parallel, pipeline

CONTRACTS = ("freight", "cloud", "catering", "cleaning", "leasing")
CLAUSES = {
    "type": "object",
    "properties": {
        "clauses": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "properties": {"number": {"type": "string"}, "wording": {"type": "string"}},
                "required": ["number", "wording"],
            },
        }
    },
    "required": ["clauses"],
}
SHIFT = {
    "type": "object",
    "properties": {"shifts": {"type": "boolean"}, "to": {"type": "string"}},
    "required": ["shifts", "to"],
}


def liability(contract):
    return agent(f"List the clauses on liability in the {contract} contract", schema=CLAUSES, label=contract)


def spread(replies):
    for contract, reply in zip(CONTRACTS, replies):
        if reply is None:
            continue
        for clause in reply["clauses"]:
            yield {**clause, "contract": contract}


async def weigh(clause):
    opinion = await agent(f"Clause {clause['number']}: <<{clause['wording']}>> Who bears the loss?", schema=SHIFT)
    return {**clause, **opinion} if opinion and opinion["shifts"] else None


async def main(args):
    replies = await parallel([liability(c) for c in CONTRACTS])
    weighed = await pipeline(list(spread(replies)), weigh)
    return {"shifting": [row for row in weighed if row]}
