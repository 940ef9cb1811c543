"""Proofread the interface strings of a hiking app in six languages, eight strings to a proofreader."""

from itertools import chain

from weft.primitives import agent, parallel, phase

LANGUAGES = ["de", "fr", "it", "es", "pl", "sl"]

STRINGS = {
    "type": "object",
    "properties": {
        "strings": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"key": {"type": "string"}, "text": {"type": "string", "maxLength": 120}},
                "required": ["key", "text"],
            },
        }
    },
    "required": ["strings"],
}
MARKS = {
    "type": "object",
    "properties": {"wrong_keys": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
    "required": ["wrong_keys"],
}


async def main(args):
    phase("Extract")
    replies = await parallel(
        [agent(f"List the twelve longest strings of locales/{code}.po.", schema=STRINGS, label=code) for code in LANGUAGES]
    )
    rows = list(chain.from_iterable(reply["strings"] for reply in replies if reply))
    packs = [rows[start : start + 8] for start in range(0, len(rows), 8)]

    phase("Proofread")
    marks = await parallel(
        [
            agent(
                "Name the keys whose text has a spelling mistake:\n" + "\n".join(f"{r['key']}: {r['text']}" for r in pack),
                schema=MARKS,
                label=f"pack {number}",
            )
            for number, pack in enumerate(packs, 1)
        ]
    )
    wrong = [key for mark in marks if mark for key in mark["wrong_keys"]]
    return {"strings": len(rows), "wrong": wrong, "unread_packs": marks.count(None)}
