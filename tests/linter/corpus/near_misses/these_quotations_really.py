"""Are these quotations really by the people to whom our archive gives them?"""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {
        "quotes": {
            "type": "array",
            "maxItems": 18,
            "items": {
                "type": "object",
                "properties": {"words": {"type": "string"}, "person": {"type": "string"}},
                "required": ["words", "person"],
            },
        }
    },
    "required": ["quotes"],
}
OPINION = {
    "type": "object",
    "properties": {"genuine": {"type": "boolean"}, "earliest": {"type": "string"}},
    "required": ["genuine", "earliest"],
}
ROLES = ("archivist", "linguist", "biographer")


async def trace(quote):
    question = f"Did {quote['person']} say or write this? Give the earliest print you can find. «{quote['words']}»"
    opinions = await parallel([agent(question, schema=OPINION, profile=role, label=role) for role in ROLES])
    yes = sum(1 for o in opinions if o and o["genuine"])
    heard = sum(1 for o in opinions if o)
    return {**quote, "genuine": yes >= 2, "yes": yes, "heard": heard}


async def main(args):
    traced = await pipeline(args["quotes"], trace)
    return [t for t in traced if t]
