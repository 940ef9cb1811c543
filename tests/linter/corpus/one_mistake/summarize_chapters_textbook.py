"""Summarize what the chapters of a textbook say about one topic, in one page."""

from weft.primitives import agent, log, parallel, phase, synthesize

ARGS = {
    "type": "object",
    "properties": {"topic": {"type": "string"}, "chapters": {"type": "array", "items": {"type": "string"}, "maxItems": 200}},
    "required": ["topic", "chapters"],
}
NOTES = {
    "type": "object",
    "properties": {"notes": {"type": "array", "maxItems": 30, "items": {"type": "string", "maxLength": 600}}},
    "required": ["notes"],
}


async def read_all(topic, chapters):
    return await parallel([agent(f"What does chapter {chapter} say about {topic}?", schema=NOTES, label=chapter) for chapter in chapters])


async def main(args):
    phase("Read")
    replies = await read_all(args["topic"], args["chapters"])
    notes = [note for reply in replies if reply for note in reply["notes"]]
    lost = sum(1 for reply in replies if reply is None)
    log(f"{len(notes)} notes, {lost} chapters lost")
    phase("Write")
    page = await agent(f"Write one page on {args['topic']} from these notes:\n" + "\n".join(notes), tools=[], label="page")
    return {"page": page, "lost": lost}
