"""Starting from one topic on the event bus: three levels of consumers, at most ten a level."""

from weft.primitives import agent, log, parallel

ARGS = {"type": "object", "properties": {"topic": {"type": "string"}}, "required": ["topic"]}
CONSUMERS = {
    "type": "object",
    "properties": {"publishes": {"type": "array", "items": {"type": "string"}}},
    "required": ["publishes"],
}


async def main(args):
    frontier = [args["topic"]]
    visited = {args["topic"]}
    levels = []
    for depth in range(3):
        replies = await parallel(
            [agent(f"Which topics do the consumers of the topic {t} publish to?", schema=CONSUMERS, label=f"{depth}:{t}") for t in frontier]
        )
        found = sorted({name for r in replies if r for name in r["publishes"]} - visited)
        visited.update(found)
        levels.append(found)
        if len(found) > 10:
            log(f"level {depth + 1}: {len(found) - 10} topics left out")
        frontier = found[:10]
        if not frontier:
            break
    return {"levels": levels}
