"""Trace the lineage of a reporting column back to its source tables through the warehouse's SQL views."""
from collections import deque
from dataclasses import dataclass, field

from weft.primitives import Seen, agent, log

ARGS = {"type": "object", "properties": {"column": {"type": "string"}}, "required": ["column"]}
PARENTS = {
    "type": "object",
    "properties": {
        "parents": {"type": "array", "maxItems": 6, "items": {
            "type": "object",
            "properties": {"table": {"type": "string"}, "column": {"type": "string"}},
            "required": ["table", "column"]}},
        "is_source": {"type": "boolean"},
    },
    "required": ["parents", "is_source"],
}


@dataclass
class Lineage:
    edges: list = field(default_factory=list)
    sources: list = field(default_factory=list)
    lost: list = field(default_factory=list)


def name(parent):
    return f"{parent['table']}.{parent['column']}"


async def main(args):
    lineage = Lineage()
    seen = Seen(key=lambda column: column.lower())
    frontier = deque(seen.add([args["column"]]))
    while frontier:
        column = frontier.popleft()
        reply = await agent(f"Which columns does {column} derive from? Open the view that defines it.", schema=PARENTS, label=column)
        if reply is None:
            lineage.lost.append(column)
            continue
        if reply["is_source"]:
            lineage.sources.append(column)
            continue
        parents = [name(p) for p in reply["parents"]]
        lineage.edges.extend((column, parent) for parent in parents)
        frontier.extend(seen.add(parents))
    log(f"{len(lineage.sources)} source columns")
    return {"edges": lineage.edges, "sources": lineage.sources, "lost": lineage.lost}
