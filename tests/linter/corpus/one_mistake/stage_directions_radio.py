"""Stage directions for a radio play, by the number of the scene."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"scenes": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["scenes"],
}
SOUND = {
    "type": "object",
    "properties": {"place": {"type": "string"}, "noise": {"type": "string"}},
    "required": ["place", "noise"],
}


def sound_of(scene):
    return agent(f"Where does this scene take place, and what is heard? {scene}", schema=SOUND)


def direction(sound):
    return f"[{sound['place']}: {sound['noise']}]"


async def main(args):
    directions = await pipeline(args["scenes"], sound_of, direction)
    by_scene = dict(enumerate(directions, start=1))
    silent = [number for number, text in by_scene.items() if text is None]
    return {"directions": by_scene, "silent": silent}
