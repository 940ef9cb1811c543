"""Starting from one retired library: who depends on it, directly or through others?"""

from heapq import heappop, heappush

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"library": {"type": "string"}}, "required": ["library"]}
USERS = {
    "type": "object",
    "properties": {"users": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["users"],
}


async def main(args):
    waiting = [(0, args["library"])]
    edges = {}
    missing = []
    while len(waiting) > 0:
        distance, name = heappop(waiting)
        if name in edges:
            continue
        reply = await agent(f"Which repositories of ours declare a dependency on {name}?", schema=USERS, label=name)
        if reply is None:
            missing.append(name)
            edges[name] = []
            continue
        edges[name] = reply["users"]
        for user in reply["users"]:
            if user not in edges:
                heappush(waiting, (distance + 1, user))
        log(f"{len(edges)} done, {len(waiting)} waiting")
    return {"edges": edges, "missing": missing}
