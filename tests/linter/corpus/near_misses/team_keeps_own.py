"""Each team keeps its own list of tools; nobody lists a tool twice."""

from weft.primitives import Seen, agent, pipeline

TOOLS = {
    "type": "object",
    "properties": {"tools": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["tools"],
}
TEAMS = {"carpentry": ["van", "yard"], "painting": ["van", "cellar"], "roofing": ["van", "yard", "loft"]}


async def inventory(team):
    seen = Seen(key=str.casefold)
    listed = []
    for place in TEAMS[team]:
        known = len(listed)
        reply = await agent(f"Tools of the {team} team in the {place}; leave out these: {', '.join(listed)}", schema=TOOLS)
        listed += seen.add(reply["tools"] if reply else [])
        if len(listed) == known:
            break
    return {"team": team, "tools": listed}


async def main(args):
    rows = await pipeline(list(TEAMS), inventory)
    return {row["team"]: row["tools"] for row in rows if row}
