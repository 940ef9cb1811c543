"""Translate a ship's manual chapter by chapter into Portuguese with one terminology."""

from weft.primitives import agent, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"chapters": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["chapters"],
}
CHAPTER = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "terms": {"type": "array", "maxItems": 15, "items": {
            "type": "object",
            "properties": {"english": {"type": "string"}, "portuguese": {"type": "string"}},
            "required": ["english", "portuguese"]}},
    },
    "required": ["text", "terms"],
}
REVIEW = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "changes": {"type": "integer"}},
    "required": ["text", "changes"],
}


class Glossary:
    def __init__(self, start):
        self.entries = dict(start)

    def learn(self, terms):
        for term in terms:
            self.entries[term["english"].lower()] = term["portuguese"]

    def page(self):
        return "\n".join(f"{english} = {portuguese}" for english, portuguese in self.entries.items())


async def main(args):
    glossary = Glossary({"bilge": "porão", "fairlead": "guia de cabo"})

    async def translate(chapter):
        reply = await agent(
            f"Translate chapter {chapter} into Portuguese. Use these terms:\n{glossary.page()}",
            schema=CHAPTER,
            label=f"translate:{chapter}",
        )
        if reply is None:
            return None
        glossary.learn(reply["terms"])
        return {"chapter": chapter, "text": reply["text"]}

    async def proofread(draft):
        review = await agent(
            f"Proofread the Portuguese of chapter {draft['chapter']} and return the text.\n<text>{draft['text']}</text>",
            schema=REVIEW,
            label=f"proofread:{draft['chapter']}",
        )
        return {**draft, "text": review["text"], "changes": review["changes"]} if review else {**draft, "changes": None}

    phase("Translate")
    done = await pipeline(args["chapters"], translate, proofread)
    return {"chapters": [d for d in done if d], "failed": [c for c, d in zip(args["chapters"], done) if d is None]}
