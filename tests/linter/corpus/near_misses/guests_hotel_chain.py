"""What do guests of a hotel chain complain about in more than one house?"""

from collections import Counter

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"hotels": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["hotels"],
}
KINDS = ["noise", "dirt", "staff", "breakfast", "wifi", "price", "parking"]
COMPLAINTS = {
    "type": "object",
    "properties": {"kinds": {"type": "array", "maxItems": 7, "items": {"enum": KINDS}}},
    "required": ["kinds"],
}


async def main(args):
    phase("Read reviews")
    replies = await parallel([agent(f"Read the reviews of {h}: which complaints occur?", schema=COMPLAINTS) for h in args["hotels"]])
    counts = Counter(kind for reply in replies if reply for kind in reply["kinds"])
    shared = [kind for kind, number in counts.most_common(5) if number > 1]
    phase("Advise")
    advice = await parallel([agent(f"{counts[k]} houses of one chain have complaints about {k}. What should the chain do?") for k in shared])
    return {"advice": dict(zip(shared, advice)), "counts": dict(counts)}
