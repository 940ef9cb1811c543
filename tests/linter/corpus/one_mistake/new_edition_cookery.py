"""Did the new edition of the cookery book drop any warning that the old one had?"""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {
        "chapters": {"type": "array", "items": {"type": "string"}, "maxItems": 28},
        "edition": {"type": "string", "default": "2024"},
    },
    "required": ["chapters"],
}
DROPPED = {
    "type": "object",
    "properties": {"dropped": {"type": "array", "maxItems": 15, "items": {"type": "string"}}},
    "required": ["dropped"],
}


def compare(chapter, edition):
    return agent(
        f"Read the chapter {chapter} of the first edition and note each warning in it. "
        "Then say which of them no longer stand in the edition of {edition}.",
        schema=DROPPED,
        label=chapter,
    )


async def main(args):
    replies = await parallel([compare(chapter, args["edition"]) for chapter in args["chapters"]])
    lost = [chapter for chapter, reply in zip(args["chapters"], replies) if reply is None]
    if lost:
        log(f"not compared: {', '.join(lost)}")
    return {chapter: reply["dropped"] for chapter, reply in zip(args["chapters"], replies) if reply and reply["dropped"]}
