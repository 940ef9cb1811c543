"""Draft a newsletter paragraph for each village that a meeting touches."""
from weft.primitives import agent, parallel

META = {"name": "villages", "description": "A paragraph a village"}
ARGS = {"type": "object", "properties": {"minutes": {"type": "string"}}, "required": ["minutes"]}
ITEMS = {"type": "object", "properties": {"items": {"type": "array", "maxItems": 12, "items": {
    "type": "object", "properties": {"village": {"type": "string"}, "matter": {"type": "string"}}, "required": ["village", "matter"]}}},
    "required": ["items"]}


async def main(args):
    agenda = await agent(f"List what {args['minutes']} decided, and for which village.", schema=ITEMS)
    if not agenda:
        return {"paragraphs": []}
    matters = {}
    for item in agenda["items"]:
        matters.setdefault(item["village"], []).append(item["matter"])
    busy = {village for village, own in matters.items() if len(own) > 1}
    quiet = matters.keys() - busy
    jobs = [agent(f"Write a paragraph for {village} about: {'; '.join(matters[village])}") for village in quiet]
    jobs += [agent(f"Write two paragraphs for {village} about: {'; '.join(matters[village])}") for village in sorted(busy)]
    return {"paragraphs": [text for text in await parallel(jobs) if text]}
