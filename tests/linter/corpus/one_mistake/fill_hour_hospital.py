"""Fill an hour of hospital radio with short spoken pieces."""

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {"minutes": {"type": "integer", "minimum": 10, "maximum": 90}, "theme": {"type": "string"}},
    "required": ["minutes", "theme"],
}
PIECE = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "script": {"type": "string"},
        "minutes": {"type": "number", "minimum": 0},
    },
    "required": ["title", "script", "minutes"],
}


def filled(programme):
    return sum(piece["minutes"] for piece in programme.values())


async def main(args):
    programme = {}
    while filled(programme) < args["minutes"]:
        titles = list(programme)[-5:]
        left = args["minutes"] - filled(programme)
        piece = await agent(
            f"A spoken piece on {args['theme']} for the {left:.0f} minutes left. Lately aired: {titles}", schema=PIECE
        )
        if not piece or piece["title"] in programme:
            log("nothing usable this time")
            continue
        programme[piece["title"]] = piece
    return {"pieces": list(programme.values()), "minutes": filled(programme)}
