"""Subtitles for short films, in three steps."""

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"films": {"type": "array", "items": {"type": "string"}, "maxItems": 15}},
    "required": ["films"],
}
LINES = {
    "type": "object",
    "properties": {"lines": {"type": "array", "maxItems": 200, "items": {"type": "string", "maxLength": 80}}},
    "required": ["lines"],
}


async def listen(film):
    return await agent(f"Write down what is said in {film}.", schema=LINES)


async def translate(heard, film):
    return await agent(f"Translate the lines of {film} to Finnish.", context={"lines": heard["lines"]}, schema=LINES)


def set_width(reply):
    return [line[:42] for line in reply["lines"]]


STEPS = [listen, translate, set_width]


async def main(args):
    subtitles = await pipeline(args["films"], STEPS)
    log(f"{len(subtitles)} films")
    return {film: lines for film, lines in zip(args["films"], subtitles) if lines}
