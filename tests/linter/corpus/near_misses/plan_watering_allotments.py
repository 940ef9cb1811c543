"""Plan the watering of the allotments: spread the plots over weekdays without favouring anyone."""

from weft.primitives import agent, now, parallel, phase

ARGS = {
    "type": "object",
    "properties": {
        "plots": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
        "time": {"type": "string", "default": "evening"},
    },
    "required": ["plots"],
}
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri"]
CROPS = {
    "type": "object",
    "properties": {"crops": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
    "required": ["crops"],
}


def hash(text):
    return sum(ord(letter) for letter in text)


def random(plot, choices):
    return choices[hash(plot) % len(choices)]


async def main(args):
    time = args["time"]
    phase(f"Crops on {now()[:10]}")
    replies = await parallel([agent(f"What grows on plot {plot}?", schema=CROPS, label=plot) for plot in args["plots"]])
    crops = {crop.casefold() for reply in replies if reply for crop in reply["crops"]}
    thirsty = crops & {"tomato", "cucumber", "lettuce", "melon"}
    first = min(thirsty, default="beans")
    plan = {}
    for plot in args["plots"]:
        plan.setdefault(random(plot, DAYS), []).append(plot)
    phase("Write")
    letter = await agent(
        f"Write a note about watering in the {time}. Thirsty crops: {', '.join(sorted(thirsty)) or 'none'}; start with {first}."
    )
    return {"plan": plan, "crops": sorted(crops), "note": letter}
