"""Ask every embassy page for the rules on pets, gently."""

from asyncio import Semaphore

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"countries": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
    "required": ["countries"],
}
RULES = {
    "type": "object",
    "properties": {"quarantine_days": {"type": "integer"}, "papers": {"type": "string"}},
    "required": ["quarantine_days", "papers"],
}


async def main(args):
    gate = Semaphore(5)

    async def rules_of(country):
        async with gate:
            return await agent(f"What must a dog have to enter {country}?", schema=RULES, label=country)

    replies = await parallel([rules_of(country) for country in args["countries"]])
    table = {country: rules for country, rules in zip(args["countries"], replies) if rules}
    log(f"{len(table)} of {len(replies)} countries")
    return table
