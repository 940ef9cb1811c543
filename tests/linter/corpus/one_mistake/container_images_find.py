"""Container images: find the base image of each, then what in it is out of date, then a proposal for each package."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"images": {"type": "array", "items": {"type": "string"}, "maxItems": 15}},
    "required": ["images"],
}
BASE = {"type": "object", "properties": {"base": {"type": "string"}, "tag": {"type": "string"}}, "required": ["base", "tag"]}
STALE = {
    "type": "object",
    "properties": {"stale": {"type": "array", "items": {"type": "string"}}},
    "required": ["stale"],
}


def ask_base(image):
    return agent(f"Which base image and tag does {image} start from?", schema=BASE, label=f"base:{image}")


async def propose(base):
    reply = await agent(f"Which packages in {base['base']}:{base['tag']} are behind the distribution?", schema=STALE)
    if reply is None:
        return None
    texts = await parallel([agent(f"Propose how to raise {p} in {base['base']}:{base['tag']}.") for p in reply["stale"]])
    return {"base": base["base"], "proposals": [t for t in texts if t]}


async def main(args):
    bases = await pipeline(args["images"], ask_base)
    proposals = await pipeline([b for b in bases if b is not None], propose)
    return [p for p in proposals if p]
