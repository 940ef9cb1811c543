"""Which of the schema migrations planned for the weekend may go out without a maintenance window?"""

from weft.primitives import agent, parallel, phase, pipeline

ARGS = {"type": "object", "properties": {"release": {"type": "string"}}, "required": ["release"]}
PLAN = {
    "type": "object",
    "properties": {
        "migrations": {"type": "array", "maxItems": 9, "items": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "table": {"type": "string"}, "statement": {"type": "string"}},
            "required": ["id", "table", "statement"]}},
    },
    "required": ["migrations"],
}
STANCE = {
    "type": "object",
    "properties": {"stance": {"enum": ["object", "accept"]}, "reason": {"type": "string"}},
    "required": ["stance", "reason"],
}
SEATS = {
    "dba": "locks held on large tables",
    "on-call": "what rolls back and how long that takes",
    "application": "readers of the old columns that still run",
}


async def hear(seat, concern, migration):
    return await agent(
        f"You sit on the change board as {seat}. Look only at {concern}. "
        f"Migration {migration['id']} on {migration['table']}:\n{migration['statement']}\nObject if it needs a window.",
        schema=STANCE,
        label=f"{seat}:{migration['id']}",
    )


async def board(migration):
    ballots = await parallel([hear(seat, concern, migration) for seat, concern in SEATS.items()])
    objections = [ballot["reason"] for ballot in filter(None, ballots) if ballot["stance"] == "object"]
    status = "window" if objections else "online"
    return {"id": migration["id"], "table": migration["table"], "status": status, "objections": objections}


async def main(args):
    phase("List")
    plan = await agent(f"List the schema migrations in release {args['release']}.", schema=PLAN, critical=True)
    phase("Board")
    decided = [d for d in await pipeline(plan["migrations"], board) if d]
    return {
        "online": [d for d in decided if d["status"] == "online"],
        "window": [d for d in decided if d["status"] == "window"],
        "asked": len(plan["migrations"]),
    }
