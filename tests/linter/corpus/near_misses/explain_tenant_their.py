"""Explain to each tenant their heating bill."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "tenants": {
            "type": "array",
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {"flat": {"type": "string"}, "kwh": {"type": "integer"}, "euros": {"type": "number"}},
                "required": ["flat", "kwh", "euros"],
            },
        }
    },
    "required": ["tenants"],
}
LETTER = "Explain to the tenant in plain words how the bill in the context came about. Five sentences, no table."


async def main(args):
    tenants = args["tenants"]
    letters = await parallel([agent(LETTER, context={"bill": tenant}, tools=[], label=tenant["flat"]) for tenant in tenants])
    return {
        "letters": {tenant["flat"]: letter for tenant, letter in zip(tenants, letters) if letter},
        "lost": [tenant["flat"] for tenant, letter in zip(tenants, letters) if not letter],
    }
