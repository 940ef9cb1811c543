"""Which runbooks may the night shift follow without calling anybody?"""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"runbooks": {"type": "array", "items": {"type": "string"}, "maxItems": 16}},
    "required": ["runbooks"],
}
VOTE = {
    "type": "object",
    "properties": {"dangerous": {"type": "boolean"}, "step": {"type": "integer"}},
    "required": ["dangerous", "step"],
}
WORRIES = ("it deletes data that cannot be restored", "it needs access that the shift does not have", "a step is out of date")


async def rate(path):
    votes = await parallel([agent(f"Read the runbook {path}. Find the step where {w}.", schema=VOTE) for w in WORRIES])
    cast = [v for v in votes if v]
    if len(cast) < len(WORRIES):
        return {"runbook": path, "safe": False, "steps": [], "complete": False}
    steps = sorted({v["step"] for v in cast if v["dangerous"]})
    return {"runbook": path, "safe": not steps, "steps": steps, "complete": True}


async def main(args):
    rated = await pipeline(args["runbooks"], rate)
    return {"rated": [r for r in rated if r], "lost": len(rated.lost)}
