"""Which house plants do three kinds of experts all recommend for a dark room?"""

from weft.primitives import agent, dedup, parallel, quorum, top_k, union

PLANTS = {
    "type": "object",
    "properties": {
        "plants": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"latin": {"type": "string"}, "light": {"type": "integer", "minimum": 0, "maximum": 10}},
                "required": ["latin", "light"],
            },
        }
    },
    "required": ["plants"],
}
EXPERTS = ["gardener", "botanist", "interior designer"]


def latin(plant):
    return plant["latin"].strip().lower()


async def main(args):
    replies = await parallel([agent(f"As a {e}, name plants for a dark room.", schema=PLANTS, label=e) for e in EXPERTS])
    lists = [reply["plants"] if reply else [] for reply in replies]
    agreed = quorum(lists, key=latin, at_least=4)
    best = top_k(dedup(union(lists), key=latin), 5, by=lambda p: -p["light"])
    cards = await parallel([agent("Write a care card of 60 words for this plant.", label=p["latin"]) for p in best])
    return {
        "agreed": sorted(latin(p) for p in agreed),
        "cards": {latin(p): c for p, c in zip(best, cards) if c},
    }
