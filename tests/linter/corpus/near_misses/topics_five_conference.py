"""Which topics do five conference programmes share that our own programme does not have yet?"""

from weft.primitives import agent, parallel, phase

PROGRAMMES = ["pycon.pdf", "fosdem.pdf", "strangeloop.pdf", "rustfest.pdf", "europython.pdf"]
OURS = {"testing", "packaging", "typing"}

TOPICS = {
    "type": "object",
    "properties": {"topics": {"type": "array", "maxItems": 6, "items": {"type": "string", "maxLength": 30}}},
    "required": ["topics"],
}
PITCH = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "speaker": {"type": "string"}},
    "required": ["title", "speaker"],
}


def words(replies):
    return {topic.strip().casefold() for reply in replies if reply for topic in reply["topics"]}


async def main(args):
    phase("Read")
    replies = await parallel([agent(f"List the main topics of {p}.", schema=TOPICS, label=p) for p in PROGRAMMES])
    missing = words(replies) - OURS
    if not missing:
        return {"pitches": [], "missing": []}

    phase("Pitch")
    topics = list(missing)
    pitches = await parallel(
        [agent(f"Propose a talk about {topic}, with a possible speaker.", schema=PITCH, label=topic) for topic in topics]
    )
    rows = [{"topic": t, **p} for t, p in zip(topics, pitches) if p]
    return {"pitches": sorted(rows, key=lambda row: row["topic"]), "missing": sorted(missing)}
