"""Walk the citation graph from a seed paper, breadth first, and collect the datasets that the papers used."""
from collections import Counter, deque

from weft.primitives import Seen, agent, log

ARGS = {"type": "object", "properties": {"seed": {"type": "string"}}, "required": ["seed"]}
PAPER = {
    "type": "object",
    "properties": {
        "datasets": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
        "cites": {"type": "array", "maxItems": 8, "items": {"type": "string"}},
    },
    "required": ["datasets", "cites"],
}
VISITS = 45


async def main(args):
    seen = Seen(key=lambda doi: doi.strip().lower())
    queue = deque(seen.add([args["seed"]]))
    used, unread = Counter(), []
    visits = 0
    while queue:
        if visits >= VISITS:
            break
        visits += 1
        doi = queue.popleft()
        paper = await agent(f"Open paper {doi}: which public datasets does it use, which papers does it build on?", schema=PAPER, label=doi)
        if not paper:
            unread.append(doi)
            continue
        used.update(d.casefold() for d in paper["datasets"])
        queue.extend(seen.add(paper["cites"]))
    log(f"{visits} papers visited, {len(queue)} left unvisited")
    return {"datasets": dict(used.most_common()), "visited": visits, "unvisited": list(queue), "unread": unread}
