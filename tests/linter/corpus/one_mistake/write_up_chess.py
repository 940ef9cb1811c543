"""Write up a chess game: in short, move by move, or as an outline for a talk."""

from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "properties": {"game": {"type": "string"}, "form": {"enum": ["short", "moves", "outline"]}},
    "required": ["game", "form"],
}
OUTLINE = {
    "type": "object",
    "properties": {"points": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
    "required": ["points"],
}


async def main(args):
    phase("Write")
    game = args["game"]
    match args["form"]:
        case "short":
            return await agent(f"Tell the game {game} in five sentences.")
        case "moves":
            return await agent(f"Comment on each move of {game}.")
        case "outline":
            reply = await agent(f"Make an outline of a talk on {game}.", schema=OUTLINE)
            if reply is not None:
                return "\n".join(reply["points"])
            log("there is no outline")
