"""Shall the allotment club allow beehives? Five members think, talk and then vote."""

from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"motion": {"type": "string"}}, "required": ["motion"]}
BALLOT = {
    "type": "object",
    "properties": {"allow": {"type": "boolean"}, "reason": {"type": "string", "maxLength": 200}},
    "required": ["allow", "reason"],
}
MEMBERS = ["a parent", "a fruit grower", "a neighbour with an allergy", "the treasurer", "a beekeeper"]


async def main(args):
    phase("First thoughts")
    first = await parallel([agent(f"You are {m}. {args['motion']} What do you think?", schema=BALLOT) for m in MEMBERS])
    spoken = "\n".join(f"{member} said: {ballot['reason']}" for member, ballot in zip(MEMBERS, first) if ballot)
    phase("Vote")
    final = await parallel(
        [agent(f"You are {m}. {args['motion']} You have heard the others:\n{spoken}\nCast your vote.", schema=BALLOT) for m in MEMBERS]
    )
    allowed = sum(1 for ballot in final if ballot and ballot["allow"])
    return {"allowed": allowed >= 3, "for": allowed, "reasons": [ballot["reason"] for ballot in final if ballot]}
