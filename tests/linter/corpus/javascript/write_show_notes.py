"""Write show notes for the episodes of the podcast, and have a second reader object to each of them."""

from weft.primitives import agent, finding, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"episodes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 25}},
    "required": ["episodes"],
}
NOTES = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "notes": {"type": "string", "maxLength": 1500}},
    "required": ["title", "notes"],
}


async def object_to(episode, entry, objections):
    said = await agent(f"Compare these notes with the transcript {episode} and name what is wrong in them:\n{entry['notes']}", label=f"object:{episode}")
    if not said:
        return
    objections[episode] = said
    finding({"episode": episode, "objection": said})


async def main(args):
    episodes = args["episodes"]
    phase("Write")
    written = await parallel([agent(f"Write show notes for the transcript {e}.", schema=NOTES, label=e) for e in episodes])
    entries = {e: w for e, w in zip(episodes, written) if w}

    phase("Object")
    objections = {}
    for episode, entry in entries.items():
        object_to(episode, entry, objections)
    log(f"{len(objections)} of {len(entries)} notes have objections")

    return {
        "notes": [{"episode": e, **entry, "objection": objections.get(e)} for e, entry in entries.items()],
        "missing": [e for e in episodes if e not in entries],
    }
