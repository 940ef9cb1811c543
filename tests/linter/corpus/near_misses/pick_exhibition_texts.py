"""Pick exhibition texts that visitors of every kind understand."""

from weft.primitives import agent, parallel, pipeline

ARGS = {"type": "object", "properties": {"exhibits": {"type": "string"}}, "required": ["exhibits"]}
TEXTS = {
    "type": "object",
    "properties": {"texts": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
    "required": ["texts"],
}
OPINION = {
    "type": "object",
    "properties": {"puzzled": {"type": "boolean"}, "by": {"type": "string"}},
    "required": ["puzzled", "by"],
}
VISITORS = ["a child of ten", "a tourist", "a retired teacher", "somebody in a hurry"]


async def plain(text):
    opinions = await parallel([agent(f"You are {v}. Are you puzzled by this?\n<text>{text}</text>", schema=OPINION) for v in VISITORS])
    given = [opinion for opinion in opinions if opinion]
    if len(given) < 3:
        return None
    return None if any(opinion["puzzled"] for opinion in given) else text


async def main(args):
    written = await agent(f"Write a wall text for each exhibit in {args['exhibits']}.", schema=TEXTS)
    if not written:
        return []
    return [text for text in await pipeline(written["texts"], plain) if text]
