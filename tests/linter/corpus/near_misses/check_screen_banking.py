"""Check every screen of a banking app in every locale for text that is cut off."""

from itertools import product

from weft.primitives import agent, log, parallel

LANGS = ["bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr"]
SIZES = ("phone", "tablet")
AREAS = ["login", "accounts", "transfer", "cards", "loans", "savings", "limits", "help"]
STATES = range(1, 6)

CUT = {
    "type": "object",
    "properties": {"cut": {"type": "boolean"}, "widget": {"type": "string"}},
    "required": ["cut", "widget"],
}


def shots():
    for lang, size in product(LANGS, SIZES):
        for area, state in product(AREAS, STATES):
            yield lang, size, area, state


async def look(lang, size, area, state):
    name = f"{lang}/{size}/{area}-{state}.png"
    answer = await agent(f"Is any text cut off in {name}?", schema=CUT, label=name)
    return (name, answer["widget"]) if answer and answer["cut"] else None


async def main(args):
    found = await parallel([look(*shot) for shot in shots()], limit=24)
    cut = [row for row in found if row]
    log(f"{len(cut)} of {len(found)} screens")
    return {"cut": cut, "screens": len(found)}
