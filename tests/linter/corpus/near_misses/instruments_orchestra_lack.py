"""Which instruments does the orchestra lack for the season?"""
from weft.primitives import agent, parallel

META = {"name": "orchestra", "description": "Missing instruments"}
ARGS = {"type": "object", "properties": {"scores": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
        "owned": {"type": "array", "maxItems": 60, "items": {"type": "string"}}}, "required": ["scores", "owned"]}
NEEDS = {"type": "object", "properties": {"needs": {"type": "array", "maxItems": 20, "items": {"type": "string"}}}, "required": ["needs"]}


async def main(args):
    replies = await parallel([agent(f"List the instruments that {s} asks for.", schema=NEEDS, label=s) for s in args["scores"]])
    needed = {name.casefold() for reply in replies if reply for name in reply["needs"]}
    missing = needed - {name.casefold() for name in args["owned"]}
    letters = sum(len(name) for name in missing)
    queue = sorted(missing, key=lambda name: (len(name), name))[:10]
    offers = await parallel([agent(f"Who lends a {name} for a season?", label=name) for name in queue])
    lenders = {name: offer for name, offer in zip(queue, offers) if offer}
    return {"missing": sorted(missing), "letters": letters, "lenders": lenders}
