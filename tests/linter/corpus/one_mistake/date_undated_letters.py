"""Date undated letters by handwriting and by what they mention."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {
        "letters": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
        "century": {"type": "integer", "default": 18},
    },
    "required": ["letters"],
}
SPAN = {
    "type": "object",
    "properties": {"earliest": {"type": "integer"}, "latest": {"type": "integer"}},
    "required": ["earliest", "latest"],
}


class Archive:
    def __init__(self, region, century):
        self.region = region
        self.century = century

    def by_hand(self, letter):
        return agent(f"Date letter {letter} of {self.region}, century {self.century}, by its handwriting", schema=SPAN)

    def by_events(self, letter):
        century = self.century
        return agent(
            f"Date letter {letter} by the events that it mentions. "
            "It should be of century {century}, from {self.region}.",
            schema=SPAN,
        )

    async def date(self, letter):
        spans = [span for span in await parallel([self.by_hand(letter), self.by_events(letter)]) if span]
        if not spans:
            return None
        return {"letter": letter, "from": max(s["earliest"] for s in spans), "to": min(s["latest"] for s in spans)}


async def main(args):
    archive = Archive("Silesia", args["century"])
    return [row for row in await pipeline(args["letters"], archive.date) if row]
