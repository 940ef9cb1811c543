"""Forty interviews about a reorganisation: theme each, compare each with its neighbours only, and merge in a tree."""

from weft.primitives import agent, log, parallel, phase, synthesize

ARGS = {
    "type": "object",
    "properties": {
        "interviews": {"type": "array", "minItems": 1, "maxItems": 40, "items": {"type": "string"}},
        "guide": {"type": "string", "default": "You read interviews for a works council."},
    },
    "required": ["interviews"],
}
THEME = {
    "type": "object",
    "properties": {"theme": {"type": "string", "maxLength": 60}, "mood": {"type": "integer", "minimum": -2, "maximum": 2}},
    "required": ["theme", "mood"],
}


async def main(args):
    names = args["interviews"]
    phase("Themes")
    themes = await parallel(
        [agent("Give the main theme and mood of the interview in your context.", schema=THEME, context={"file": name}, label=name) for name in names]
    )

    def near(place):
        return [row["theme"] for row in themes[max(0, place - 1) : place + 2] if row]

    phase("Compare")
    notes = await parallel(
        [
            agent(f"{args['guide']} Interview {name} stands beside these themes: {', '.join(near(place))}. What is new in it?")
            for place, name in enumerate(names)
        ]
    )
    told = [note for note in notes if note]
    moods = [row["mood"] for row in themes if row]
    log(f"{len(told)} notes, {len(moods)} moods")
    phase("Merge")
    report = await synthesize(told, "Write one page for the works council.", fan_in=10) if told else None
    return {"report": report, "mood": sum(moods) / len(moods) if moods else None}
