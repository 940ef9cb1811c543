"""Gather twelve different counter-examples to the house style guide."""

from weft.primitives import Seen, agent, parallel

EXAMPLES = {
    "type": "object",
    "properties": {
        "examples": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"rule": {"type": "string"}, "page": {"type": "integer"}, "sentence": {"type": "string"}},
                "required": ["rule", "page", "sentence"],
            },
        }
    },
    "required": ["examples"],
}
SHELVES = ("manuals", "brochures", "web")


def key(example):
    return example["rule"].casefold(), example["page"]


def flatten(replies):
    for reply in replies:
        if reply:
            yield from reply["examples"]


def make_collector():
    seen = Seen(key=key)

    async def collect(round_no):
        replies = await parallel([agent(f"Pass {round_no}: sentences in our {s} that break the style guide.", schema=EXAMPLES) for s in SHELVES])
        return seen.add(flatten(replies))

    return collect


async def main(args):
    collect = make_collector()
    kept, round_no = [], 0
    while len(kept) < 12:
        round_no += 1
        kept += await collect(round_no)
    return kept[:12]
