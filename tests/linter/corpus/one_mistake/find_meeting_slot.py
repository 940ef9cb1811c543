"""Find a meeting slot that suits three time zones."""

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {"zones": {"type": "array", "maxItems": 5, "items": {"type": "string"}}, "week": {"type": "string"}},
    "required": ["zones", "week"],
}
SLOT = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["fits", "clash"]},
        "slot": {"type": "string"},
        "clash": {"type": "string"},
    },
    "required": ["status", "slot", "clash"],
}
TRIES = 4


async def main(args):
    tried = 0
    avoid = []
    while tried < TRIES:
        zones = ", ".join(args["zones"])
        proposal = await agent(f"A one-hour slot in {args['week']} for {zones}. Avoid: {avoid}", schema=SLOT)
        match proposal:
            case None:
                log("no answer, asking again")
                continue
            case {"status": "fits"}:
                return {"slot": proposal["slot"], "tried": tried + 1}
            case _:
                avoid.append(proposal["slot"])
        tried += 1
    return {"slot": None, "tried": tried}
