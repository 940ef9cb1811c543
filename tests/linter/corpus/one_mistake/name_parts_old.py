"""Name the parts of old machines on drawings."""

from functools import partial

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"drawings": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["drawings"],
}
PARTS = {
    "type": "object",
    "properties": {"parts": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["parts"],
}
exactly = partial(agent, schema=PARTS, temperature=0.0)


async def main(args):
    phase("Look")
    replies = await parallel([exactly(f"Name all parts on the drawing {one}.", label=one) for one in args["drawings"]])
    index = {}
    for drawing, reply in zip(args["drawings"], replies):
        for part in reply["parts"] if reply else []:
            index.setdefault(part.casefold(), []).append(drawing)
    return index
