"""Translate the safety card of a ferry; ask again if it did not work, and go to the big model for the last try."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"card": {"type": "string"}}, "required": ["card"]}
CARD = {
    "type": "object",
    "properties": {"lines": {"type": "array", "minItems": 1, "maxItems": 30, "items": {"type": "string"}}},
    "required": ["lines"],
}


async def translated(card, effort):
    reply = await agent(f"Translate the safety card {card} to Estonian, line by line.", schema=CARD, effort=effort)
    return reply["lines"] if reply else []


async def main(args):
    lines = []
    for effort in ("low", "medium", "high"):
        lines = await translated(args["card"], effort)
        if lines:
            break
        log(f"nothing with effort {effort}")
    else:
        return {"card": None}
    checked = await agent("Read this safety card aloud and mark what sounds odd:\n" + "\n".join(lines))
    return {"card": lines, "odd": checked or ""}
