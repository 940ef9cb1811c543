"""Walk through the web of footnotes of a book, forty notes at most."""

from collections import deque

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"note": {"type": "string"}}, "required": ["note"]}
NOTE = {
    "type": "object",
    "properties": {
        "source": {"type": "string"},
        "cites": {"type": "array", "maxItems": 6, "items": {"type": "string"}},
    },
    "required": ["source", "cites"],
}
MOST = 40


async def main(args):
    queue, known, sources = deque([args["note"]]), {args["note"]}, []
    for _ in range(MOST):
        if not queue:
            break
        number = queue.popleft()
        note = await agent(f"Open note {number}: what source does it name, which notes does it cite?", schema=NOTE)
        if note is None:
            continue
        sources.append(note["source"])
        news = [cited for cited in note["cites"] if cited not in known]
        known.update(news)
        queue.extend(news)
    if queue:
        log(f"{len(queue)} notes were not opened: {', '.join(queue)}")
    return {"sources": sources, "left": list(queue)}
