"""Draw up a decision tree for a plant disease from an expert's answers."""

from operator import itemgetter

from weft.primitives import agent, parallel

ARGS = {"type": "object", "required": ["plant"], "properties": {"plant": {"type": "string"}}}
QUESTION = {
    "type": "object",
    "required": ["question", "answers"],
    "properties": {
        "question": {"type": "string"},
        "answers": {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "string", "maxLength": 80}},
    },
}
LEAF = {
    "type": "object",
    "required": ["disease", "treatment"],
    "properties": {"disease": {"type": "string"}, "treatment": {"type": "string"}},
}
fields = itemgetter("question", "answers")


def told(history):
    return "; ".join(f"{q} {a}" for q, a in history) or "nothing yet"


async def grow(plant, left, history=()):
    if left == 0:
        leaf = await agent(f"Name the disease of this {plant}. Known: {told(history)}", schema=LEAF)
        return {"leaf": leaf}
    node = await agent(f"Which question about a sick {plant} parts the cases best? Known: {told(history)}", schema=QUESTION)
    if node is None:
        return {"leaf": None}
    question, answers = fields(node)
    below = await parallel([grow(plant, left - 1, (*history, (question, a))) for a in answers])
    return {"question": question, "branches": dict(zip(answers, below))}


async def main(args):
    return await grow(args["plant"], 3)
