"""Propose repairs for the nine bridges of a county in the worst state."""

import heapq

from weft.primitives import agent, phase, pipeline

ARGS = {"type": "object", "properties": {"register": {"type": "string"}}, "required": ["register"]}
BRIDGES = {
    "type": "object",
    "properties": {
        "bridges": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "grade": {"type": "number"}, "built": {"type": "integer"}},
                "required": ["name", "grade", "built"],
            },
        }
    },
    "required": ["bridges"],
}


async def main(args):
    register = await agent(f"List all bridges in {args['register']} with their grade (10 is best).", schema=BRIDGES)
    if not register:
        return {"plans": [], "bridges": 0}
    worst = heapq.nsmallest(9, register["bridges"], key=lambda bridge: (bridge["grade"], bridge["name"]))
    phase("Plan")
    plans = await pipeline(worst, lambda b: agent(f"The bridge {b['name']} of {b['built']} has grade {b['grade']}. Which repair first?"))
    return {
        "plans": [{"bridge": b["name"], "plan": plan} for b, plan in zip(worst, plans) if plan],
        "bridges": len(register["bridges"]),
    }
