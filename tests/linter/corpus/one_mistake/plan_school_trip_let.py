"""Plan a school trip and let one agent work out each part of it."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"goal": {"type": "string"}, "pupils": {"type": "integer", "minimum": 1}},
    "required": ["goal", "pupils"],
}
PLAN = {
    "type": "object",
    "properties": {
        "parts": {
            "type": "array",
            "maxItems": 7,
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "order": {"type": "string"}},
                "required": ["title", "order"],
            },
        }
    },
    "required": ["parts"],
}


def work_order(part, pupils):
    return "\n".join([part["order"], f"There are {pupils} pupils. Answer in ten lines."])


async def main(args):
    phase("Plan")
    plan = await agent(f"Split the planning of a trip to {args['goal']} into parts, with an order for each.", schema=PLAN)
    parts = plan["parts"] if plan is not None else []
    phase("Work out")
    texts = await parallel([agent(work_order(part, args["pupils"]), label=part["title"]) for part in parts])
    return {part["title"]: text for part, text in zip(parts, texts) if text}
