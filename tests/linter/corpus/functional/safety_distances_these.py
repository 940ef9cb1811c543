"""Are the safety distances in these chemistry lessons right?"""

from weft.primitives import agent, pipeline, verify

META = {"name": "lab-safety", "description": "Check safety statements of lessons"}
ARGS = {
    "type": "object",
    "properties": {"lessons": {"type": "array", "items": {"type": "string"}, "maxItems": 14}},
    "required": ["lessons"],
}
RULE = {
    "type": "object",
    "properties": {"statement": {"type": "string"}, "source": {"type": "string"}},
    "required": ["statement", "source"],
}
VIEWS = {
    "handbook": "the laboratory handbook says the same",
    "toxicology": "the data sheet of the substance agrees",
    "practice": "a teacher can do it in a school lab",
}


def central(lesson):
    return agent(f"What is the central safety statement of {lesson}?", schema=RULE, label=f"read:{lesson}")


async def hold(rule):
    verdict = await verify(rule, lenses=[*VIEWS.values()], quorum=len(VIEWS) + 1)
    return {"rule": rule, "safe": verdict["survives"], "outcome": verdict["outcome"]}


async def main(args):
    rows = await pipeline(args["lessons"], central, hold)
    return {"lessons": [r for r in rows if r], "lost": len(rows.lost)}
