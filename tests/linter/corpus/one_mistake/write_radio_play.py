"""Write a radio play of the wanted length, scene by scene."""

from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "properties": {"plot": {"type": "string"}, "words": {"type": "integer", "minimum": 500, "maximum": 9000}},
    "required": ["plot", "words"],
}


def size(scenes):
    return sum(len(scene.split()) for scene in scenes)


async def main(args):
    phase("Write")
    scenes = []
    while size(scenes) < args["words"]:
        last = scenes[-1] if scenes else "(this is the first scene)"
        scene = await agent(f"Plot: {args['plot']}\nThe last scene was:\n{last}\nWrite the next one, dialogue only.")
        if scene:
            scenes.append(scene.strip())
        log(f"{size(scenes)} of {args['words']} words")
    return {"play": "\n\n".join(scenes), "scenes": len(scenes)}
