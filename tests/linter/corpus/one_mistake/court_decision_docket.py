"""For every court decision in the docket list, find the statutes cited and check whether each is still in force."""

from weft.primitives import agent, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"dockets": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["dockets"],
}
CITED = {
    "type": "object",
    "properties": {
        "court": {"type": "string"},
        "statutes": {"type": "array", "items": {
            "type": "object",
            "properties": {"code": {"type": "string"}, "section": {"type": "string"}},
            "required": ["code", "section"]}},
    },
    "required": ["court", "statutes"],
}
FORCE = {
    "type": "object",
    "properties": {"in_force": {"type": "boolean"}, "repealed_by": {"type": ["string", "null"]}},
    "required": ["in_force", "repealed_by"],
}


async def cite(docket):
    reply = await agent(f"Read the decision in docket {docket} and list the statutes it cites.", schema=CITED, label=docket)
    return {"docket": docket, "court": reply["court"], "statutes": reply["statutes"]} if reply else None


async def look_up(statute):
    answer = await agent(
        f"Is {statute['code']} section {statute['section']} in force today? If not, what repealed it?",
        schema=FORCE,
        label=f"{statute['code']}:{statute['section']}",
    )
    return {**statute, "in_force": answer["in_force"], "repealed_by": answer["repealed_by"]} if answer else None


async def check(decision):
    looked = await parallel([look_up(s) for s in decision["statutes"]])
    dead = [s for s in looked if s and not s["in_force"]]
    return {"docket": decision["docket"], "court": decision["court"], "dead": dead, "unknown": looked.count(None)}


async def main(args):
    phase("Decisions")
    checked = await pipeline(args["dockets"], cite, check)
    return {
        "decisions": [c for c in checked if c],
        "failed": [d for d, c in zip(args["dockets"], checked) if c is None],
    }
