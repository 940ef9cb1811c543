"""Draw up a glossary for a theatre's stage crew from its manuals, with one definition per term."""
from weft.primitives import agent, log, parallel, phase, pipeline

META = {"name": "stage-glossary", "description": "A glossary for a stage crew"}
ARGS = {
    "type": "object",
    "properties": {"manuals": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8}},
    "required": ["manuals"],
}
TERMS = {
    "type": "object",
    "properties": {"terms": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["terms"],
}
GOOD = {
    "type": "object",
    "properties": {"good": {"type": "boolean"}, "problem": {"type": "string"}},
    "required": ["good"],
}


async def define(term):
    text = None
    for attempt in range(3):
        text = await agent(f"Define the stage term '{term}' in one sentence. Then look at your definition again and improve it.", label=f"define:{term}:{attempt}")
        if text is not None:
            break
    if text is None:
        return None
    opinion = await agent(f"You wrote this definition of '{term}': {text}\nAre you satisfied with your definition?", schema=GOOD, label=f"satisfied:{term}")
    if opinion["good"]:
        return {"term": term, "definition": text}
    return None


async def main(args):
    phase("Terms")
    replies = await parallel([agent(f"Which special terms of the stage does {manual} use?", schema=TERMS, label=f"terms:{manual}") for manual in args["manuals"]])
    counts = {}
    for reply in replies:
        if reply is None:
            continue
        for term in reply["terms"]:
            term = term.strip().lower()
            counts[term] = counts.get(term, 0) + 1

    phase("Buckets")
    common = set()
    rare = set()
    for term in counts:
        if counts[term] > 1:
            common.add(term)
        else:
            rare.add(term)
    log(f"{len(common)} common and {len(rare)} rare terms")

    phase("Define")
    defined = await pipeline(common, define)
    glossary = {}
    for entry in defined:
        if entry is not None:
            glossary[entry["term"]] = entry["definition"]

    phase("Order")
    pages = {}
    for term in sorted(glossary):
        letter = term[0].upper()
        pages.setdefault(letter, []).append({"term": term, "definition": glossary[term]})
    index = []
    for letter in sorted(pages):
        index.append({"letter": letter, "entries": pages[letter]})
    return {"glossary": index, "undefined": sorted(rare), "terms": len(counts)}
