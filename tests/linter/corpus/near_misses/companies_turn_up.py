"""Which companies turn up in more than one folder of the leak, and who owns them?"""

from collections import Counter

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"folders": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 20}},
    "required": ["folders"],
}
NAMES = {
    "type": "object",
    "properties": {"companies": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["companies"],
}


async def main(args):
    replies = await parallel([agent(f"List every company named in the folder {f}.", schema=NAMES, label=f) for f in args["folders"]])
    folders_of = Counter(name for r in replies if r for name in sorted({c.strip().upper() for c in r["companies"]}))
    shared = [name for name, n in sorted(folders_of.items(), key=lambda p: (-p[1], p[0])) if n >= 2]
    owners = await parallel([agent(f"Who owns the company {name}? Cite the register.", label=name) for name in shared[:10]])
    return {
        "owners": [{"company": c, "owner": o} for c, o in zip(shared, owners) if o],
        "not_looked_up": shared[10:],
        "unread": [f for f, r in zip(args["folders"], replies) if r is None],
    }
