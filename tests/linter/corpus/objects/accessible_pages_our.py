"""How accessible are the pages of our site? Count the problems by kind."""

from collections import Counter

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"pages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 50}},
    "required": ["pages"],
}
PROBLEMS = {
    "type": "object",
    "properties": {
        "contrast": {"type": "integer", "minimum": 0},
        "alternatives": {"type": "integer", "minimum": 0},
        "keyboard": {"type": "integer", "minimum": 0},
    },
    "required": ["contrast", "alternatives", "keyboard"],
}


class Tally:
    """Adds up what was counted on each page."""

    def __init__(self):
        self.sums = Counter()
        self.worst = []

    async def take(self, page):
        counts = await agent(f"Count the accessibility problems of {page} by kind.", schema=PROBLEMS, label=f"count:{page}")
        if counts is None:
            return None
        self.sums.update(counts)
        self.worst.append((sum(counts.values()), page))
        return page

    def report(self):
        ranked = sorted(self.worst, key=lambda entry: (-entry[0], entry[1]))
        return {"sums": dict(sorted(self.sums.items())), "worst": [page for number, page in ranked[:10] if number]}


async def main(args):
    tally = Tally()
    counted = await pipeline(args["pages"], tally.take)
    log(f"{sum(page is not None for page in counted)} of {len(counted)} pages counted")
    return tally.report()
