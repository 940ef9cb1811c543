"""Outline two editions of a field guide to mosses, level by level, down to the single figure."""

from weft.primitives import agent, log, parallel

LEVELS = ("chapter", "section", "figure")
PARTS = {
    "type": "object",
    "properties": {"parts": {"type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 80}}},
    "required": ["parts"],
}


async def outline(topic, levels):
    if not levels:
        caption = await agent(f"Write the caption of one figure that shows: {topic}")
        return {"topic": topic, "caption": caption}
    level, *rest = levels
    split = await agent(f"Split this topic into at most three {level} topics: {topic}", schema=PARTS, label=level)
    if not split:
        log(f"{topic} stays whole")
        return {"topic": topic, "caption": None}
    below = await parallel([outline(part, levels[1:]) for part in split["parts"]])
    return {"topic": topic, "next": rest, "below": [node for node in below if node]}


def figures(node):
    if "below" in node:
        return sum(figures(child) for child in node["below"])
    return 1 if node["caption"] else 0


async def main(args):
    pocket, large = await parallel([outline("mosses of walls", LEVELS), outline("mosses of bogs", LEVELS)])
    editions = [edition for edition in (pocket, large) if edition]
    return {"editions": editions, "figures": sum(figures(edition) for edition in editions)}
