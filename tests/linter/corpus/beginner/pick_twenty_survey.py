"""Pick twenty survey answers by chance and say how content the visitors of the museum are."""
import random
from weft.primitives import agent, parallel, phase

META = {"name": "museum-mood", "description": "Mood of museum visitors from a sample of survey answers"}
ARGS = {
    "type": "object",
    "properties": {"answers": {"type": "array", "items": {"type": "string"}, "minItems": 20, "maxItems": 500}},
    "required": ["answers"],
}
MOOD = {
    "type": "object",
    "properties": {"mood": {"type": "string", "enum": ["content", "neutral", "annoyed"]}},
    "required": ["mood"],
}


async def main(args):
    answers = args["answers"]
    picked = []
    while len(picked) < 20:
        n = random.randint(0, len(answers) - 1)
        if n not in picked:
            picked.append(n)
    phase("Rate")
    jobs = []
    for n in picked:
        jobs.append(agent("How content is the visitor who wrote this?\n" + answers[n], schema=MOOD, label="mood:" + str(n)))
    replies = await parallel(jobs)
    counts = {}
    for reply in replies:
        if reply is not None:
            if reply["mood"] in counts:
                counts[reply["mood"]] = counts[reply["mood"]] + 1
            else:
                counts[reply["mood"]] = 1
    return {"counts": counts, "asked": len(picked)}
