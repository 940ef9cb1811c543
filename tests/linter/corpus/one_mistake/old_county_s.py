"""How old are the county's bridges?"""

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"bridges": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["bridges"],
}
BUILT = {
    "type": "object",
    "properties": {"year": {"type": "integer"}, "rebuilt": {"type": "boolean"}},
    "required": ["year", "rebuilt"],
}
NOW = 2026


def ask_year(bridge):
    return agent(f"When was {bridge} built, and was it rebuilt?", schema=BUILT, label=bridge)


def to_age(built):
    return {"age": NOW - built["year"], "rebuilt": built["rebuilt"]}


async def headline(oldest):
    return await agent(f"A headline on a bridge that is {oldest} years old.")


async def main(args):
    names = args["bridges"]
    ages = list(filter(None, await pipeline(names, ask_year, to_age)))
    log(f"{len(ages)} of {len(names)} bridges")
    table = {name: entry["age"] for name, entry in zip(names, ages)}
    oldest = max(table.values(), default=0)
    return {"table": table, "rebuilt": sum(1 for a in ages if a["rebuilt"]), "title": headline(oldest)}
