"""Which paragraphs of a building code do the expert opinions rely on?"""

import re

from weft.primitives import agent, dedup, parallel

ARGS = {
    "type": "object",
    "properties": {"opinions": {"type": "array", "items": {"type": "string"}, "maxItems": 35}},
    "required": ["opinions"],
}
CITED = {
    "type": "object",
    "properties": {
        "passages": {
            "type": "array",
            "maxItems": 12,
            "items": {"type": "object", "properties": {"text": {"type": "string"}, "page": {"type": "integer"}}, "required": ["text", "page"]},
        }
    },
    "required": ["passages"],
}
PARAGRAPH = re.compile(r"§\s*(\d+[a-z]?)")


def paragraphs(passage):
    return tuple(sorted(set(PARAGRAPH.findall(passage["text"]))))


async def main(args):
    read = await parallel([agent(f"Quote the passages of {path} that cite the building code.", schema=CITED) for path in args["opinions"]])
    citing = [passage for reply in read if reply for passage in reply["passages"] if paragraphs(passage)]
    unique = dedup(citing, key=paragraphs)
    return [{"paragraphs": paragraphs(passage), "first": passage["text"]} for passage in unique]
