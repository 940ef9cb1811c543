"""Harvest the mentions of competing products in earnings calls, quarter after quarter, until it dries up."""
from collections import defaultdict
from operator import itemgetter

from weft.primitives import Seen, agent, parallel, until_dry

ARGS = {
    "type": "object",
    "properties": {"companies": {"type": "array", "items": {"type": "string"}, "maxItems": 9}},
    "required": ["companies"],
}
MENTIONS = {
    "type": "object",
    "properties": {
        "mentions": {"type": "array", "maxItems": 10, "items": {
            "type": "object",
            "properties": {
                "product": {"type": "string"},
                "call_id": {"type": "string"},
                "speaker": {"type": "string"},
                "quote": {"type": "string"},
            },
            "required": ["product", "call_id", "speaker", "quote"]}},
    },
    "required": ["mentions"],
}
key = itemgetter("product", "call", "speaker")


def rows(replies):
    for reply in replies:
        if reply:
            yield from reply["mentions"]


async def main(args):
    seen = Seen(key=key)
    per_product = defaultdict(list)
    for step in until_dry(max_rounds=6, patience=2):
        replies = await parallel([
            agent(
                f"Step {step.number}: list mentions of competing products in the calls of {company}, "
                f"other than {', '.join(sorted(per_product)) or 'none'}.",
                schema=MENTIONS,
                label=f"{company}:{step.number}",
            )
            for company in args["companies"]
        ])
        raw = list(rows(replies))
        fresh = seen.add(raw)
        for mention in fresh:
            per_product[mention["product"]].append(mention)
        step.found(raw)
    return {product: len(mentions) for product, mentions in sorted(per_product.items())}
