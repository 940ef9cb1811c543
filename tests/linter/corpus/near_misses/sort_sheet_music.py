"""Sort the sheet music of a choir by difficulty."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"scores": {"type": "array", "items": {"type": "string"}, "maxItems": 24}},
    "required": ["scores"],
}
PIECE = {
    "type": "object",
    "properties": {"voices": {"type": "integer"}, "grade": {"type": "integer", "minimum": 1, "maximum": 6}},
    "required": ["voices", "grade"],
}


class Shelf:
    def __init__(self):
        self._pieces = []

    def open(self, title, piece):
        self._pieces.append((piece["grade"], piece["voices"], title))

    def compile(self):
        return [title for _, _, title in sorted(self._pieces)]


async def _rate(title):
    return await agent("How many voices has {}, and how hard is it from 1 to 6?".format(title), schema=PIECE)


async def main(args):
    shelf = Shelf()
    for title, piece in zip(args["scores"], await parallel([_rate(title) for title in args["scores"]])):
        if piece:
            shelf.open(title, piece)
    return {"order": shelf.compile()}
