"""Translate the labels of an exhibition and have each translation read back."""

from weft.primitives import agent, log, parallel, phase

META = {"name": "exhibition", "description": "Translate labels, flag those that drift"}

ARGS = {
    "type": "object",
    "properties": {
        "labels": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8},
        "language": {"type": "string"},
    },
    "required": ["labels", "language"],
}

BACK = {
    "type": "object",
    "properties": {
        "back": {"type": "string"},
        "drift": {"enum": ["none", "tone", "meaning"]},
    },
    "required": ["back", "drift"],
}

GLOSSARY = {
    "type": "object",
    "properties": {
        "terms": {
            "type": "array",
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {"term": {"type": "string"}, "as": {"type": "string"}},
                "required": ["term", "as"],
            },
        }
    },
    "required": ["terms"],
}


async def main(args):
    labels = args["labels"]
    language = args["language"]

    phase("Translate")
    translated = await parallel(
        [agent(f"Translate into {language}, same length:\n{label}", label=f"translate:{n}") for n, label in enumerate(labels)]
    )

    phase("One glossary from all of them")
    pairs = [{"label": label, "text": text} for label, text in zip(labels, translated) if text is not None]
    if not pairs:
        return {"rows": [], "untranslated": labels, "terms": []}
    listed = "\n".join(f"{pair['label']} = {pair['text']}" for pair in pairs)
    glossary = await agent(
        f"Which terms are translated in more than one way in these labels? Settle on one each.\n{listed}",
        schema=GLOSSARY,
        label="glossary",
    )
    terms = glossary["terms"] if glossary else []

    phase("Read back")
    checks = []
    for pair in pairs:
        prompt = f"Translate back from {language}, then compare.\nOriginal: {pair['label']}\nText: {pair['text']}\nTerms: {terms}"
        checks.append(agent(prompt, schema=BACK, label="read back"))
    backs = await parallel(checks)

    rows = []
    for pair, back in zip(pairs, backs):
        rows.append({**pair, "drift": back["drift"] if back else "unchecked"})
    untranslated = [label for label, text in zip(labels, translated) if text is None]
    log(f"{len(rows)} rows, {len(untranslated)} untranslated")
    return {"rows": rows, "untranslated": untranslated, "terms": terms}
