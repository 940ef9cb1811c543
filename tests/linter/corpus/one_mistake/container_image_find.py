"""For each container image: find the base image, group by it, and name the base images that need an upgrade first."""

from collections import Counter, namedtuple
from operator import itemgetter

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"images": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["images"],
}
BASE = {
    "type": "object",
    "properties": {"base": {"type": "string"}, "age_days": {"type": "integer"}},
    "required": ["base", "age_days"],
}
Advice = namedtuple("Advice", "base uses text")


async def each(items, fn):
    return await parallel([fn(item) for item in items])


def inspect(image):
    return agent(f"From which base image is {image} built, and how old is that base?", schema=BASE)


async def main(args):
    usage = Counter(map(itemgetter("base"), await each(args["images"], inspect)))
    top = [Advice(base, uses, None) for base, uses in usage.most_common(5)]
    texts = await each(top, lambda a: agent(f"Upgrade path for base image {a.base}, used by {a.uses} of our images."))
    advised = [a._replace(text=t) for a, t in zip(top, texts) if t]
    return [{"base": a.base, "uses": a.uses, "advice": a.text} for a in advised]
