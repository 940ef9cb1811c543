"""Which statements of the travel guide about opening hours and prices are no longer true?"""

from weft.primitives import agent, finding, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"chapters": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 18}},
    "required": ["chapters"],
}
STALE = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"sentence": {"type": "string"}, "page": {"type": "integer"}, "now": {"type": "string"}},
                "required": ["sentence", "page", "now"],
            },
        }
    },
    "required": ["statements"],
}


class Panel:
    lenses = ["the guide really says so", "the operator's own site says otherwise today"]

    def __init__(self, needed):
        self.needed = needed

    async def holds(self, statement):
        verdict = await verify(statement, lenses=self.lenses, quorum=self.needed, subject="guide.md")
        return verdict["survives"]


class Editor:
    def __init__(self):
        self.panel = Panel(needed=3)

    async def read(self, chapter):
        return await agent(f"Which opening hours and prices in {chapter} are out of date?", schema=STALE, label=chapter)

    async def sift(self, reply):
        kept = []
        for statement in reply["statements"]:
            if await self.panel.holds(statement):
                finding(statement)
                kept.append(statement)
        return kept


async def main(args):
    editor = Editor()
    chapters = await pipeline(args["chapters"], editor.read, editor.sift)
    return [statement for kept in chapters if kept for statement in kept]
