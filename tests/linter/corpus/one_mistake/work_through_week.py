"""Work through the week's support tickets: decide what has to be done on the test system and do it there."""

from weft.primitives import agent, log, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"tickets": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["tickets"],
}
TRIAGE = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["reproduce", "configure", "refund", "ignore"]},
        "steps": {"type": "string"},
        "customer": {"type": "string"},
    },
    "required": ["kind", "steps", "customer"],
}
OUTCOME = {
    "type": "object",
    "properties": {"done": {"type": "boolean"}, "log": {"type": "string"}},
    "required": ["done", "log"],
}


async def triage(ticket):
    return await agent(
        f"Read ticket {ticket} from the helpdesk. What kind is it and which steps would settle it?",
        schema=TRIAGE,
        tools=["helpdesk_read"],
        label=f"triage:{ticket}",
    )


def only_reproductions(decision):
    return decision if decision["kind"] == "reproduce" else None


async def reproduce(decision, ticket):
    outcome = await agent(
        decision["steps"],
        schema=OUTCOME,
        tools=["bash"],
        isolation="worktree",
        label=f"reproduce:{ticket}",
    )
    if outcome is None:
        return {"ticket": ticket, "customer": decision["customer"], "done": False, "log": "no answer"}
    return {"ticket": ticket, "customer": decision["customer"], **outcome["result"]}


async def main(args):
    phase("Tickets")
    handled = await pipeline(args["tickets"], triage, only_reproductions, reproduce)
    rows = [h for h in handled if h]
    log(f"{len(rows)} tickets were reproductions")
    return {"reproduced": rows, "others": [t for t, h in zip(args["tickets"], handled) if h is None]}
