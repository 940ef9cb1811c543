"""Find duplicated helper functions in a monorepo."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"helpers": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["helpers"],
}
SUMMARY = {
    "type": "object",
    "properties": {"inputs": {"type": "string"}, "effect": {"type": "string"}},
    "required": ["inputs", "effect"],
}
SAME = {"type": "object", "properties": {"same": {"type": "boolean"}}, "required": ["same"]}


def compare(a, b, everything):
    (name_a, doc_a), (name_b, doc_b) = a, b
    return agent(f"Same behaviour? {name_a}: {doc_a['effect']} / {name_b}: {doc_b['effect']}\nAll helpers: {everything}", schema=SAME)


async def main(args):
    docs = await parallel([agent(f"Describe inputs and effect of {h}.", schema=SUMMARY) for h in args["helpers"]])
    known = sorted(((h, d) for h, d in zip(args["helpers"], docs) if d), key=lambda pair: pair[0])
    pairs = [(a, b) for i, a in enumerate(known) for b in known[i + 1 :]]
    answers = await parallel([compare(a, b, known) for a, b in pairs])
    return [[a[0], b[0]] for (a, b), reply in zip(pairs, answers) if reply and reply["same"]]
