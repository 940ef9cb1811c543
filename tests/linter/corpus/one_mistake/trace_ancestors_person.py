"""Trace the ancestors of a person through parish registers."""

from weft.primitives import Seen, agent, parallel, phase

ARGS = {"type": "object", "properties": {"person": {"type": "string"}}, "required": ["person"]}
PARENTS = {
    "type": "object",
    "properties": {
        "parents": {
            "type": "array",
            "maxItems": 2,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "born": {"type": "integer"}},
                "required": ["name", "born"],
            },
        }
    },
    "required": ["parents"],
}


async def main(args):
    seen = Seen(key=lambda p: (p["name"].casefold(), p["born"]))
    tree, level = [], seen.add([{"name": args["person"], "born": 0}])
    while level:
        phase(f"{len(tree)} people so far")
        tree += level
        replies = await parallel([agent(f"Who were the parents of {p['name']}, born {p['born']}?", schema=PARENTS) for p in level])
        level = seen.add(parent for reply in replies if reply for parent in reply["parents"])
    return {"tree": tree}
