"""Tell a bedtime story in twelve scenes; each scene goes on from what the one before it left open."""
from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "properties": {"hero": {"type": "string"}, "moral": {"type": "string"}},
    "required": ["hero", "moral"],
}
SCENE = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "open_question": {"type": "string"},
        "cast": {"type": "array", "maxItems": 6, "items": {"type": "string"}},
    },
    "required": ["text", "open_question", "cast"],
}
BEATS = ["home", "call", "refusal", "helper", "road", "storm", "friend", "loss", "cave", "prize", "return", "sleep"]


async def write(beat, hero, state):
    return await agent(
        f"Write the scene '{beat}' of a bedtime story about {hero}. Cast so far: {', '.join(state['cast'])}. "
        f"Answer or deepen this: {state['question']}",
        schema=SCENE,
        label=beat,
    )


async def main(args):
    state = {"cast": [args["hero"]], "question": f"Why does it matter that {args['moral']}?"}
    scenes = []
    for beat in BEATS:
        phase(beat.title())
        scene = await write(beat, args["hero"], state)
        if not scene:
            log(f"scene {beat} is missing; the story goes on without it")
            continue
        state = {"cast": [*dict.fromkeys([*state["cast"], *scene["cast"]])][-8:], "question": scene["open_question"]}
        scenes.append({"beat": beat, "text": scene["text"]})
    return {"scenes": scenes, "missing": [b for b in BEATS if b not in [s["beat"] for s in scenes]], "last_question": state["question"]}
