"""Subtitle a documentary in Danish; terms that were chosen once stay the same."""

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {"scenes": {"type": "array", "items": {"type": "string"}, "maxItems": 24}},
    "required": ["scenes"],
}
TERMS = {
    "type": "object",
    "properties": {
        "terms": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"source": {"type": "string"}, "danish": {"type": "string"}},
                "required": ["source", "danish"],
            },
        }
    },
    "required": ["terms"],
}


async def main(args):
    glossary = {}
    subtitles = []
    for scene in args["scenes"]:
        phase(scene)
        fixed = "; ".join(f"{s} = {d}" for s, d in sorted(glossary.items())[:60])
        text = await agent(f"Subtitle the scene {scene} in Danish. Terms already fixed: {fixed or 'none'}", label=scene)
        subtitles.append(text or "[missing]")
        if text is None:
            continue
        terms = await agent(f"Which technical terms does this subtitle fix?\n<text>{text}</text>", schema=TERMS, tools=[])
        for term in terms["terms"] if terms else []:
            glossary.setdefault(term["source"], term["danish"])
    return {"subtitles": subtitles, "glossary": glossary}
