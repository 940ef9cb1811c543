"""Split a research question into sub-questions and answer the leaves."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]}
SPLIT = {
    "type": "object",
    "properties": {"parts": {"type": "array", "maxItems": 2, "items": {"type": "string"}}},
    "required": ["parts"],
}


async def explore(question, levels, trail):
    if levels <= 0:
        return {"question": question, "answer": await agent(f"Answer with sources: {question} (part of: {' / '.join(trail)})")}
    split = await agent(f"Split into at most two independent questions: {question}", schema=SPLIT)
    parts = split["parts"] if split else []
    if not parts:
        return {"question": question, "answer": None}
    branches = await parallel([explore(p, levels - 1, [*trail, question]) for p in parts])
    return {"question": question, "parts": [b for b in branches if b]}


async def main(args):
    return await explore(args["question"], 3, [])
