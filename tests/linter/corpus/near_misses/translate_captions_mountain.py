"""Translate the captions of a mountain museum; every new alpine term is collected for the sign-maker."""

from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "properties": {
        "captions": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
        "target": {"type": "string", "default": "Italian"},
    },
    "required": ["captions"],
}
CAPTION = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "terms": {
            "type": "array",
            "maxItems": 6,
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
    for path in args["captions"]:
        phase(f"Translate {path}")
        reply = await agent(
            f"Translate the caption in {path} into {args['target']}. Return its alpine terms too.",
            schema=CAPTION,
        )
        if reply is None:
            log(f"{path} is missing")
            continue
        for term in reply["terms"]:
            glossary.setdefault(term["source"], term["target"])
        done.append({"path": path, "text": reply["text"]})
    return {"captions": done, "glossary": glossary}
