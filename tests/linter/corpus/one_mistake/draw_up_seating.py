"""Draw up a seating plan for a wedding; go on until nobody sits beside someone they cannot stand."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"guests": {"type": "string"}}, "required": ["guests"]}
SEATING = {
    "type": "object",
    "properties": {
        "tables": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
        "quarrels_left": {"type": "integer"},
    },
    "required": ["tables", "quarrels_left"],
}


def describe(tables):
    return "\n".join(f"Table {number}: {names}" for number, names in enumerate(tables, 1))


async def improve(guests, tables):
    before = describe(tables) if tables else "(there is no plan yet)"
    return await agent(
        f"Seat these guests: {guests}\nThe plan so far:\n{before}\nMove people so that fewer quarrels are left.",
        schema=SEATING,
    )


async def main(args):
    tables = []
    while (plan := await improve(args["guests"], tables)) is None or plan["quarrels_left"] > 0:
        if plan:
            tables = plan["tables"]
            log(f"{plan['quarrels_left']} quarrels left")
    return {"plan": describe(plan["tables"])}
