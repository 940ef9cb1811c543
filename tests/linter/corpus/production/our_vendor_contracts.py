"""Which of our vendor contracts let the vendor change prices without notice? The others are signed off."""

from weft.primitives import agent, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"contracts": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 50}},
    "required": ["contracts"],
}
CLAUSES = {
    "type": "object",
    "properties": {
        "clauses": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {"quote": {"type": "string"}, "source": {"type": "string"}, "line": {"type": "integer"}},
                "required": ["quote", "source", "line"],
            },
        }
    },
    "required": ["clauses"],
}


async def read(path):
    reply = await agent(f"Quote the clauses of {path} that let the vendor change prices without notice.", schema=CLAUSES, label=path)
    return [{**clause, "contract": path} for clause in reply["clauses"]] if reply else None


async def confirm(clauses):
    async def one(clause):
        verdict = await verify(clause, lenses=["it stands there", "no other clause demands a notice"], quorum=2)
        return {**clause, "outcome": verdict["outcome"]}

    return [c for c in await pipeline(clauses, one) if c]


async def main(args):
    phase("Read and confirm")
    results = await pipeline(args["contracts"], read, confirm)
    clauses = [clause for found in results if found for clause in found]
    risky = {clause["contract"] for clause in clauses if clause["outcome"] != "refuted"}
    return {
        "clauses": [clause for clause in clauses if clause["outcome"] == "survives"],
        "undecided": [clause for clause in clauses if clause["outcome"] == "undecided"],
        "sign_off": [path for path in args["contracts"] if path not in risky],
        "audited": len(args["contracts"]),
    }
