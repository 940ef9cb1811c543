"""Extract meter readings from scanned field sheets and have the doubtful ones read a second time."""
from collections import Counter

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"sheets": {"type": "array", "items": {"type": "string"}, "maxItems": 90}},
    "required": ["sheets"],
}
READING = {
    "type": "object",
    "properties": {
        "meter": {"type": "string"},
        "value": {"type": "integer"},
        "legible": {"enum": ["clear", "smudged", "torn"]},
    },
    "required": ["meter", "value", "legible"],
}
SECOND = {
    "type": "object",
    "properties": {"value": {"type": "integer"}, "sure": {"type": "boolean"}},
    "required": ["value", "sure"],
}


async def extract(sheets):
    readings = await parallel([agent(f"Read the meter number and value on {s}.", schema=READING, label=s) for s in sheets])
    return dict(zip(sheets, readings))


async def reread(sheet, reading):
    again = await agent(
        f"Sheet {sheet} is {reading['legible']}. Compare with last year's value of meter {reading['meter']} and read again.",
        schema=SECOND,
        label=f"again:{sheet}",
    )
    return sheet, again


async def main(args):
    table = await extract(args["sheets"])
    doubtful = {}
    for sheet, reading in table.items():
        if reading and reading["legible"] != "clear":
            doubtful[sheet] = reading
    second = await parallel([reread(sheet, reading) for sheet, reading in doubtful.items()])
    for sheet, again in filter(None, second):
        if again and again["sure"]:
            table[sheet] = {**table[sheet], "value": again["value"]}
    quality = Counter(r["legible"] for r in table.values() if r)
    log(f"quality: {sorted(quality.items())}")
    return {"readings": table, "quality": dict(quality)}
