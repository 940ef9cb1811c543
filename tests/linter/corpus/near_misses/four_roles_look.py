"""Four roles look at a plan for a bridge; the chair reads all opinions and decides alone."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"plan": {"type": "string"}}, "required": ["plan"]}
OPINION = {
    "type": "object",
    "properties": {"build": {"type": "boolean"}, "because": {"type": "string", "maxLength": 200}},
    "required": ["build", "because"],
}
DECISION = {"type": "object", "properties": {"build": {"type": "boolean"}}, "required": ["build"]}
ROLES = ("engineer", "boatman", "treasurer", "neighbour")


async def main(args):
    opinions = await parallel(
        [agent(f"You are the {role}. Should this be built? {args['plan']}", schema=OPINION) for role in ROLES]
    )
    said = [f"{role}: {one['because']}" for role, one in zip(ROLES, opinions) if one]
    if len(said) < 3:
        return {"build": False, "said": said}
    chair = await agent("You chair the meeting. Decide by these opinions:\n" + "\n".join(said), schema=DECISION)
    return {"build": bool(chair and chair["build"]), "said": said}
