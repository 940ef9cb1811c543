"""Constant comparison: each interview is read against the codebook so far."""

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {"interviews": {"type": "array", "items": {"type": "string"}, "maxItems": 12}},
    "required": ["interviews"],
}
REVISION = {
    "type": "object",
    "properties": {"codebook": {"type": "array", "maxItems": 15, "items": {"type": "string"}}, "saturated": {"type": "boolean"}},
    "required": ["codebook", "saturated"],
}


async def main(args):
    codebook, saturated_at = [], None

    async def compare(name):
        nonlocal codebook
        memo = await agent(f"Read {name}. Codebook so far: {codebook}. Which passages fit no code?")
        if memo is None:
            return False
        revision = await agent(f"Revise the codebook {codebook} for this memo on {name}:\n<memo>{memo}</memo>", schema=REVISION)
        if revision:
            codebook = revision["codebook"]
        return bool(revision and revision["saturated"])

    for number, name in enumerate(args["interviews"], 1):
        phase(f"Interview {number}")
        if await compare(name) and number >= 4:
            saturated_at = number
            break
    theory = await agent(f"State the core category for these codes, in five sentences: {codebook}")
    return {"codebook": codebook, "saturated_at": saturated_at, "theory": theory}
