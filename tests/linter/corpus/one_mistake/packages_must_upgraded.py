"""Which packages must be upgraded with this one? Follow the dependents, the most used first."""

from heapq import heappop, heappush

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"package": {"type": "string"}}, "required": ["package"]}
DEPENDENTS = {
    "type": "object",
    "properties": {
        "dependents": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "users": {"type": "integer"}},
                "required": ["name", "users"],
            },
        }
    },
    "required": ["dependents"],
}


async def main(args):
    heap, known, order = [(0, args["package"])], {args["package"]}, []
    while heap:
        _, name = heappop(heap)
        order.append(name)
        if (reply := await agent(f"Which packages depend on {name} directly?", schema=DEPENDENTS)) is None:
            log(f"{name}: nothing came back")
            continue
        for row in reply["dependents"]:
            if row["name"] in known:
                continue
            known.add(row["name"])
            heappush(heap, (-row["users"], row["name"]))
    return {"order": order}
