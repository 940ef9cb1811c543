"""Plan the migration of a data warehouse to another dialect and translate each query that has to change."""

from itertools import chain

from weft.primitives import agent, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"schema_dump": {"type": "string"}, "dialect": {"type": "string"}},
    "required": ["schema_dump", "dialect"],
}
PLAN = {
    "type": "object",
    "properties": {
        "areas": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "queries": {"type": "array", "items": {"type": "string"}}},
                "required": ["name", "queries"],
            },
        }
    },
    "required": ["areas"],
}
SQL = {
    "type": "object",
    "properties": {"sql": {"type": "string"}, "caveats": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["sql", "caveats"],
}

jobs = lambda plan: chain.from_iterable(((area["name"], query) for query in area["queries"]) for area in plan["areas"])


async def main(args):
    phase("Plan")
    plan = await agent(f"Read {args['schema_dump']} and list by area the queries that {args['dialect']} does not take.", schema=PLAN, label="plan")
    if plan is None:
        return {"queries": [], "planned": False}
    phase("Translate")
    todo = list(jobs(plan))
    done = await pipeline(
        todo,
        lambda job: agent(f"Translate this query of {job[0]} into {args['dialect']}:\n{job[1]}", schema=SQL, label=job[0]),
    )
    rows = [{"area": area, "old": old, **new} for (area, old), new in zip(todo, done) if new]
    return {"queries": rows, "planned": True}
