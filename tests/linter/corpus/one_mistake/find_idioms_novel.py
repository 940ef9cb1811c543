"""Find the idioms of a novel and propose a translation for each."""

import operator
from functools import reduce

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "required": ["chapters", "language"],
    "properties": {
        "chapters": {"type": "array", "items": {"type": "string"}, "maxItems": 30},
        "language": {"type": "string"},
    },
}
IDIOMS = {
    "type": "object",
    "required": ["idioms"],
    "properties": {
        "idioms": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "required": ["phrase", "chapter"],
                "properties": {"phrase": {"type": "string"}, "chapter": {"type": "string"}},
            },
        }
    },
}


def idioms_of(reply):
    return reply["idioms"] if reply else []


async def main(args):
    def translate(idiom):
        return agent(f"Translate the idiom '{idiom['phrase']}' ({idiom['chapter']}) into {args['language']}, keeping its register.")

    replies = await parallel([agent(f"List the idioms in chapter {c}.", schema=IDIOMS) for c in args["chapters"]])
    flat = reduce(operator.add, map(idioms_of, replies), [])
    renderings = await pipeline(flat, translate)
    return [{"phrase": i["phrase"], "translation": r} for i, r in zip(flat, renderings) if r]
