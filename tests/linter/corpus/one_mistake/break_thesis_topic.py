"""Break a thesis topic down into an outline, then write one sentence for each leaf."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"topic": {"type": "string"}, "levels": {"type": "integer", "minimum": 1, "maximum": 3, "default": 2}},
    "required": ["topic"],
}
PARTS = {
    "type": "object",
    "properties": {"parts": {"type": "array", "maxItems": 4, "items": {"type": "string"}}},
    "required": ["parts"],
}


class Outline:
    def __init__(self, levels):
        self.levels = levels

    async def leaf(self, topic):
        return {"topic": topic, "line": await agent(f"One sentence on: {topic}")}

    async def grow(self, topic, level):
        if level >= self.levels:
            return await self.leaf(topic)
        split = await agent(f"Sub-topics of: {topic}", schema=PARTS)
        if not split or not split["parts"]:
            return await self.leaf(topic)
        return {"topic": topic, "parts": await self.branches(split["parts"], level)}

    async def branches(self, parts, level):
        return [node for node in await parallel([self.grow(p, level) for p in parts]) if node]


async def main(args):
    return await Outline(args["levels"]).grow(args["topic"], 0)
