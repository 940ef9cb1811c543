"""Keep the ghost stories that two of three local historians hold to be old."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"stories": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["stories"],
}
VOTE = {"type": "object", "properties": {"newer_than_1900": {"type": "boolean"}}, "required": ["newer_than_1900"]}
VIEWS = {
    "print": "look for the first printed version",
    "speech": "look for words that nobody used before 1900",
    "places": "look for buildings that did not stand before 1900",
}


def is_old(vote):
    return vote is not None and not vote["newer_than_1900"]


async def old_only(story):
    votes = await parallel(
        [agent(f"Show that the story {story} is newer than 1900: {how}.", schema=VOTE) for how in VIEWS.values()]
    )
    return story if sum(map(is_old, votes)) >= 2 else None


async def main(args):
    kept = [story for story in await pipeline(args["stories"], old_only) if story]
    return {"old": kept, "dropped": len(args["stories"]) - len(kept)}
