"""A colour plan for the stage: what every scene looks like, and which colour comes most often."""

from collections import Counter

from weft.primitives import agent, parallel

SCENE = {
    "type": "object",
    "properties": {
        "light": {"enum": ["day", "night", "dusk"]},
        "color": {"type": "string"},
        "props": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
    },
    "required": ["light", "color", "props"],
}
SCENES = ["the quay", "the kitchen", "the trial", "the storm", "the wake"]


def column(name, rows):
    return [row.get(name) for row in rows]


def most_common(values):
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else None


async def main(args):
    replies = await parallel([agent(f"Design the scene: {scene}.", schema=SCENE, label=scene) for scene in SCENES])
    designed = [reply for reply in replies if reply]
    return {
        "light": most_common(column("light", designed)),
        "colour": most_common(column("colour", designed)),
        "props": sorted({prop for one in designed for prop in one["props"]}),
    }
