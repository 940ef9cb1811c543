"""A glossary that explains the words in its own explanations."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
MEANING = {
    "type": "object",
    "properties": {
        "meaning": {"type": "string"},
        "hard_words": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
    },
    "required": ["meaning", "hard_words"],
}


def entry(word, meaning, below):
    return {"word": word, "meaning": meaning, "below": [one for one in below if one]}


async def explain(word):
    reply = await agent(f"Explain {word} in one sentence; which words in it are hard?", schema=MEANING)
    if reply is None:
        return None
    return entry(word, reply["meaning"], await explain_all(reply["hard_words"]))


async def explain_all(words):
    harder = [word for word in words if len(word) > 4]
    return await parallel([explain(word) for word in harder])


async def main(args):
    return {"glossary": await explain(args["word"])}
