"""Translate a novel chapter by chapter so that every name and coined word keeps its first translation."""

from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "properties": {
        "chapters": {"type": "array", "maxItems": 24, "items": {"type": "string"}},
        "target": {"type": "string", "default": "Slovene"},
    },
    "required": ["chapters"],
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


async def main(args):
    glossary = {}
    done = []
    for path in args["chapters"]:
        phase(f"Translate {path}")
        settled = ", ".join(f"{a} = {b}" for a, b in glossary.items()) or "none yet"
        reply = await agent(
            f"Translate {path} into {args['target']}. Settled terms: {settled}. Return new terms too.",
            schema=CHAPTER,
        )
        if reply is None:
            log(f"{path} is missing")
            continue
        for term in reply["terms"]:
            glossary.setdefault(term["source"], term["target"])
        done.append({"path": path, "text": reply["text"]})
    return {"chapters": done, "glossary": glossary}
