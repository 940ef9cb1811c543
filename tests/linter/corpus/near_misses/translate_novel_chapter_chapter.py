"""Translate a novel chapter by chapter so that names and invented words stay the same throughout."""

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {"chapters": {"type": "array", "items": {"type": "string"}, "maxItems": 40}, "language": {"type": "string"}},
    "required": ["chapters", "language"],
}
CHAPTER = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "terms": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"source": {"type": "string"}, "target": {"type": "string"}},
                "required": ["source", "target"],
            },
        },
    },
    "required": ["text", "terms"],
}


def make_translator(language):
    glossary = {}

    async def translate(path):
        known = "; ".join(f"{a} = {b}" for a, b in glossary.items())
        reply = await agent(f"Translate {path} into {language}. Keep to these terms: {known or 'none yet'}", schema=CHAPTER)
        if reply is None:
            return None
        for term in reply["terms"]:
            glossary.setdefault(term["source"], term["target"])
        return reply["text"]

    return translate, glossary


async def main(args):
    translate, glossary = make_translator(args["language"])
    texts = []
    for number, path in enumerate(args["chapters"], start=1):
        phase(f"Chapter {number}")
        texts.append(await translate(path))
    return {"texts": texts, "glossary": glossary}
