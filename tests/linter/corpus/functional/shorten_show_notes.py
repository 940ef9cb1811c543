"""Shorten the show notes of a podcast until they fit the directory's limit."""

from itertools import count, takewhile

from weft.primitives import agent, log, tool

ARGS = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "limit": {"type": "integer", "minimum": 200, "maximum": 4000, "default": 1000}},
    "required": ["path"],
}
MOST = 5


def shorten(limit):
    return lambda text, over: agent(
        f"Shorten these show notes to at most {limit} characters; they are {over} too long. Keep all links.\n\n{text}",
        tools=[],
        label=f"shorten:{over}",
    )


async def main(args):
    text = await tool("read_file", path=args["path"])
    if text is None:
        return {"text": None, "fits": False}
    over = lambda candidate: len(candidate) - args["limit"]
    again = shorten(args["limit"])
    for number in takewhile(lambda n: n <= MOST, count(1)):
        if over(text) <= 0:
            break
        log(f"attempt {number}: {over(text)} characters too many")
        if (shorter := await again(text, over(text))) and len(shorter) < len(text):
            text = shorter
    return {"text": text, "fits": over(text) <= 0}
