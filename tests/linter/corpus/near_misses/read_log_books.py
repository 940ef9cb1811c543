"""Read the log books of ships; each branch has its own line in the table, which is sorted before it is shown."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"ships": {"type": "array", "items": {"type": "string"}, "maxItems": 32}},
    "required": ["ships"],
}
VOYAGE = {
    "type": "object",
    "properties": {"days": {"type": "integer"}, "port": {"type": "string"}},
    "required": ["days", "port"],
}


async def main(args):
    table, unread = {}, []

    async def read(ship):
        voyage = await agent(f"How long was the longest voyage of {ship}, and to which port?", schema=VOYAGE)
        if voyage is None:
            unread.append(ship)
        else:
            table[ship] = f"{voyage['days']} days to {voyage['port']}"

    await parallel([read(ship) for ship in args["ships"]])
    return {"table": [f"{ship}: {table[ship]}" for ship in sorted(table)], "unread": len(unread)}
