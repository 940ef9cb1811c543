"""Split a big question, answer the parts, put the answers together; two levels deep."""

from weft.primitives import agent, parallel, synthesize

ARGS = {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]}
PARTS = {
    "type": "object",
    "properties": {"parts": {"type": "array", "maxItems": 4, "items": {"type": "string"}}},
    "required": ["parts"],
}


async def answer(question, depth):
    if depth <= 0:
        return await agent(f"Answer in one paragraph: {question}")
    split = await agent(f"Split this question into parts that can be answered alone: {question}", schema=PARTS)
    if split is None or not split["parts"]:
        return None
    texts = await parallel([answer(part, depth - 1) for part in split["parts"]])
    found = [text for text in texts if text]
    return await synthesize(found, f"Answer the question from these parts: {question}") if found else None


async def main(args):
    return {"answer": await answer(args["question"], 2)}
