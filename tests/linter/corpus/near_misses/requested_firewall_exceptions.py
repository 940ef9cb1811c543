"""Which requested firewall exceptions can be granted without a meeting?"""

from functools import partial

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"exceptions": {"type": "array", "items": {"type": "string"}, "maxItems": 15}},
    "required": ["exceptions"],
}
OPINION = {
    "type": "object",
    "properties": {"acceptable": {"type": "boolean"}, "condition": {"type": "string"}},
    "required": ["acceptable"],
}
reviewer = partial(agent, schema=OPINION, effort="low")
VIEWS = ("lateral movement", "data leaving the network", "rule sprawl", "who owns it in a year")


async def decide(request):
    opinions = await parallel([reviewer(f"Review for {v}. Refuse when in doubt.\n<request>{request}</request>") for v in VIEWS])
    present = [o for o in opinions if o]
    if len(present) < 3:
        return {"request": request, "decision": "meeting"}
    if not all(o["acceptable"] for o in present):
        return {"request": request, "decision": "refused"}
    conditions = [c for o in present if (c := o.get("condition"))]
    return {"request": request, "decision": "granted", "conditions": conditions}


async def main(args):
    decided = await pipeline(args["exceptions"], decide)
    return {"decisions": [d for d in decided if d]}
