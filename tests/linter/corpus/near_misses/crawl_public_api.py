"""Crawl the public API docs of a payment provider and note every deprecated endpoint."""

from collections import deque

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"start": {"type": "string"}}, "required": ["start"]}
DOC = {
    "type": "object",
    "properties": {
        "deprecated": {"type": "array", "maxItems": 10, "items": {"type": "string"}},
        "links": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
    },
    "required": ["deprecated", "links"],
}
MAX_PAGES = 30


async def main(args):
    queue = deque([args["start"]])
    visited = {args["start"]: True}
    deprecated = []
    fetched = 0
    while queue:
        if fetched >= MAX_PAGES:
            log(f"{len(queue)} pages were not opened")
            break
        url = queue.popleft()
        fetched += 1
        doc = await agent(f"Open {url}. Which endpoints are marked deprecated? Which pages of the same docs does it link to?", schema=DOC)
        if doc is None:
            continue
        deprecated.extend(doc["deprecated"])
        for link in doc["links"]:
            if link in visited:
                continue
            visited[link] = True
            queue.append(link)
    return {"deprecated": list(dict.fromkeys(deprecated)), "left": len(queue)}
