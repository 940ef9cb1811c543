"""Which database tables have no owner, and who should own them?"""

import json as js

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"tables": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["tables"],
}
OWNER = {
    "type": "object",
    "properties": {"owner": {"type": ["string", "null"]}, "writers": {"type": "integer"}},
    "required": ["owner", "writers"],
}


async def main(args):
    orphans = []
    owners = {}

    async def look(table):
        answer = await agent(f"Who owns table {table}, and how many services write to it?", schema=OWNER, label=table)
        if answer is None:
            return
        owners[table] = answer["owner"]
        if answer["owner"] is None:
            orphans.append((answer["writers"], table))

    phase("Look")
    await parallel([look(table) for table in args["tables"]])
    orphans.sort(reverse=True)
    worst = [table for _, table in orphans[:5]]
    phase("Suggest")
    text = await agent(f"Suggest an owning team for each of these tables: {js.dumps(worst)}") if worst else None
    return {
        "suggestion": text,
        "owners": {table: owners[table] for table in args["tables"] if table in owners},
        "orphans": len(orphans),
    }
