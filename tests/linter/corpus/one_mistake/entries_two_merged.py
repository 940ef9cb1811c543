"""Which entries of two merged supplier registers are the same company?"""
from collections import defaultdict
from itertools import combinations

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"suppliers": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["suppliers"],
}
SAME = {
    "type": "object",
    "properties": {"same": {"type": "boolean"}, "because": {"enum": ["vat number", "address", "owner", "no evidence"]}},
    "required": ["same", "because"],
}


def candidate_pairs(suppliers):
    ordered = sorted(suppliers)
    for left, right in combinations(range(len(ordered)), 2):
        yield ordered[left], ordered[right]


async def compare(left, right):
    reply = await agent(
        f"Are supplier records {left} and {right} one company? Look at VAT number, address, owner.",
        schema=SAME,
        label=f"{left}|{right}",
    )
    return (left, right, reply["same"]) if reply else None


def clusters(links):
    parent = {}

    def root(x):
        while parent.setdefault(x, x) != x:
            x = parent[x]
        return x

    for left, right in links:
        parent[root(left)] = root(right)
    groups = defaultdict(list)
    for name in sorted(parent):
        groups[root(name)].append(name)
    return sorted(groups.values())


async def main(args):
    answers = await parallel([compare(a, b) for a, b in candidate_pairs(args["suppliers"])], limit=20)
    known = [a for a in answers if a]
    log(f"{len(known)} comparisons answered")
    return {
        "same_company": clusters([(left, right) for left, right, same in known if same]),
        "unanswered": len(answers) - len(known),
    }
