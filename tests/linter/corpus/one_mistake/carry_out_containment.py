"""Carry out the containment runbook for an infected workstation."""

from weft.primitives import agent, ask, log

ARGS = {
    "type": "object",
    "properties": {"workstation": {"type": "string"}, "runbook": {"type": "string"}},
    "required": ["workstation", "runbook"],
}
STEPS = {
    "type": "object",
    "properties": {
        "steps": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "how": {"type": "string"}, "reversible": {"type": "boolean"}},
                "required": ["title", "how", "reversible"],
            },
        }
    },
    "required": ["steps"],
}


async def perform(step):
    if not step["reversible"]:
        answer = await ask(f"Really do: {step['title']}?", choices=["yes", "no"], default="no", timeout=900)
        if answer != "yes":
            return f"skipped: {step['title']}"
    match step:
        case {"title": title, "how": how}:
            done = await agent(how, tools=["bash"], label=title, on_interrupt="ask")
            return f"done: {title}" if done is not None else f"failed: {title}"


async def main(args):
    plan = await agent(
        f"Turn {args['runbook']} into concrete steps for {args['workstation']}; mark the reversible ones.", schema=STEPS, critical=True
    )
    record = []
    for step in plan["steps"]:
        record.append(await perform(step))
        log(record[-1])
        if record[-1].startswith("failed"):
            break
    return {"record": record}
