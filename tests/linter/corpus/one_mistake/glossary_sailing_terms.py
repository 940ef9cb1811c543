"""Glossary of sailing terms from three manuals, until two rounds bring nothing."""

from weft.primitives import agent, log, parallel, until_dry

MANUALS = {"knots": "The Knot Book", "rig": "Rigging for Crews", "rules": "Right of Way"}
TERMS = {
    "type": "object",
    "properties": {
        "terms": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "properties": {"term": {"type": "string"}, "meaning": {"type": "string"}},
                "required": ["term", "meaning"],
            },
        }
    },
    "required": ["terms"],
}


def only_new(entries):
    met = {}
    for entry in entries:
        met.setdefault(entry["term"].strip().lower(), entry)
    return list(met.values())


async def read_manuals(part):
    replies = await parallel(
        [agent(f"Sailing terms in {title}, part {part}", schema=TERMS, label=short) for short, title in MANUALS.items()]
    )
    return [entry for reply in replies if reply for entry in reply["terms"]]


async def main(args):
    glossary = []
    for turn in until_dry(max_rounds=6, patience=2):
        fresh = only_new(await read_manuals(turn.number))
        turn.found(fresh)
        glossary += fresh
        log(f"{len(glossary)} terms after round {turn.number}")
    return {"glossary": glossary}
