"""Carry out the steps of a maintenance ticket on the test server, in their order."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"ticket": {"type": "string"}}, "required": ["ticket"]}
STEPS = {
    "type": "object",
    "properties": {
        "steps": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"what": {"type": "string"}, "host": {"type": "string"}},
                "required": ["what", "host"],
            },
        }
    },
    "required": ["steps"],
}


async def main(args):
    plan = await agent(f"Which steps does the ticket {args['ticket']} ask for, in order?", schema=STEPS)
    if plan is None:
        return {"done": [], "of": 0}
    done = []
    for step in plan["steps"]:
        order = "\n".join([step["what"], f"Host: {step['host']}"])
        outcome = await agent(order, tools=["bash"], on_interrupt="ask")
        if outcome is None:
            log(f"stopped at {step['what']}")
            break
        done.append({"step": step["what"], "outcome": outcome})
    return {"done": done, "of": len(plan["steps"])}
