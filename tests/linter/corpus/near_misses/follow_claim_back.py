"""Follow a claim back to the paper that first made it."""

from collections import deque

from weft.primitives import Seen, agent, finding

ARGS = {"type": "object", "properties": {"claim": {"type": "string"}, "paper": {"type": "string"}}, "required": ["claim", "paper"]}
SOURCE = {
    "type": "object",
    "properties": {
        "original": {"type": "boolean"},
        "cites": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
    },
    "required": ["original", "cites"],
}


async def main(args):
    queue, seen, dead_ends = deque([args["paper"]]), Seen(key=lambda p: p.lower()), []
    seen.add([args["paper"]])
    for opened in range(40):
        if not queue:
            break
        paper = queue.popleft()
        reply = await agent(f"Does {paper} present '{args['claim']}' as its own result, or whom does it cite for it?", schema=SOURCE)
        if reply is None:
            dead_ends.append(paper)
            continue
        if reply["original"]:
            finding({"paper": paper, "opened": opened + 1})
            return {"origin": paper, "dead_ends": dead_ends}
        queue.extend(seen.add(reply["cites"]))
    return {"origin": None, "dead_ends": dead_ends, "left": list(queue)}
