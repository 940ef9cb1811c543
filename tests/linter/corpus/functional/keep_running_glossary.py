"""Keep a running glossary while reading the chapters of a contract in order; each chapter may redefine a term."""

from functools import partial

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {"chapters": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["chapters"],
}
TERMS = {
    "type": "object",
    "properties": {
        "terms": {
            "type": "array",
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {"term": {"type": "string"}, "meaning": {"type": "string"}},
                "required": ["term", "meaning"],
            },
        }
    },
    "required": ["terms"],
}


async def fold(step, items, start):
    state = start
    for item in items:
        state = await step(state, item)
    return state


async def define(ask, glossary, chapter):
    reply = await ask(
        f"Read {chapter}. These terms are in force before it: {glossary}. Which terms does it define or redefine?",
        label=f"chapter:{chapter}",
    )
    return glossary | {t["term"]: t["meaning"] for t in (reply or {"terms": []})["terms"]}


async def main(args):
    phase("Glossary")
    glossary = await fold(partial(define, partial(agent, schema=TERMS)), args["chapters"], {})
    return dict(sorted(glossary.items()))
