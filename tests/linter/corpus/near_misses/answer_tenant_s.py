"""Answer a tenant's question by splitting it into smaller ones, at most three levels deep."""

from weft.primitives import agent, log, parallel

ARGS = {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]}
SPLIT = {
    "type": "object",
    "properties": {
        "simple": {"type": "boolean"},
        "answer": {"type": "string"},
        "parts": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
    },
    "required": ["simple", "answer", "parts"],
}


async def solve(question, depth=0):
    if depth == 3:
        return await agent(f"Answer in two sentences, from the tenancy act: {question}")
    split = await agent(f"Is this one question? If not, split it: {question}", schema=SPLIT, label=f"depth {depth}")
    if split is None:
        log("asking again")
        return await solve(question, depth)
    if split["simple"]:
        return split["answer"]
    answers = await parallel([solve(part, depth + 1) for part in split["parts"]])
    told = "\n".join(answer for answer in answers if answer)
    return await agent(f"Answer the question {question} from these partial answers:\n{told}")


async def main(args):
    answer = await solve(args["question"])
    return {"question": args["question"], "answer": answer}
