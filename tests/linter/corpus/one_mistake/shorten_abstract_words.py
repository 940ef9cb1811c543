"""Shorten an abstract to 120 words without losing its numbers."""

from weft.primitives import agent

ARGS = {"type": "object", "properties": {"abstract": {"type": "string"}}, "required": ["abstract"]}


async def main(args):
    text = args["abstract"]
    attempt = 0
    while attempt < 5:
        shorter = await agent(f"Attempt {attempt + 1}. Shorten to 120 words, keep every number:\n<abstract>{text}</abstract>", tools=[])
        if shorter:
            if len(shorter.split()) <= 120:
                return {"abstract": shorter, "attempts": attempt + 1}
            text = shorter
            attempt += 1
    return {"abstract": text, "attempts": attempt}
