"""Follow the citations of one paper three hops back, at most six papers a hop."""

from weft.primitives import Seen, agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"doi": {"type": "string"}}, "required": ["doi"]}
CITES = {
    "type": "object",
    "properties": {
        "cites": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"doi": {"type": "string"}, "year": {"type": "integer"}},
                "required": ["doi", "year"],
            },
        }
    },
    "required": ["cites"],
}


async def main(args):
    seen = Seen(key=lambda paper: paper["doi"].lower())
    frontier = [{"doi": args["doi"], "year": 0}]
    seen.add(frontier)
    edges = []
    for hop in range(1, 4):
        if not frontier:
            break
        phase(f"Hop {hop}")
        replies = await parallel([agent(f"List what {paper['doi']} cites.", schema=CITES, label=paper["doi"]) for paper in frontier])
        cited = []
        for paper, reply in zip(frontier, replies):
            if reply is None:
                continue
            edges.extend([paper["doi"], other["doi"]] for other in reply["cites"])
            cited.extend(reply["cites"])
        fresh = seen.add(cited)
        frontier = sorted(fresh, key=lambda paper: (-paper["year"], paper["doi"]))[:6]
        log(f"{len(fresh) - len(frontier)} papers are not followed")
    return {"edges": edges, "papers": len(seen)}
