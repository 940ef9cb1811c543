"""Break a research question into parts until each can be answered in a page."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]}
PARTS = {
    "type": "object",
    "properties": {"parts": {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "string"}}},
    "required": ["parts"],
}


async def answer(question, depth):
    if depth <= 0:
        return {"question": question, "answer": await agent(f"Answer in one page: {question}")}
    plan = await agent(f"Which narrower questions make up this one? {question}", schema=PARTS)
    if not plan:
        return {"question": question, "answer": None}
    below = await parallel([answer(part, depth - 1) for part in plan["parts"]])
    return {"question": question, "parts": [one for one in below if one]}


async def main(args):
    return await answer(args["question"], 2)
