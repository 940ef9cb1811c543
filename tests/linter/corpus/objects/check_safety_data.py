"""Check the safety data sheets of the chemicals in a store against the labels on the shelves."""

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"shelves": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 24}},
    "required": ["shelves"],
}
LABELS = {
    "type": "object",
    "properties": {
        "substances": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
    },
    "required": ["substances"],
}
MATCH = {
    "type": "object",
    "properties": {"agrees": {"type": "boolean"}, "difference": {"type": "string"}},
    "required": ["agrees", "difference"],
}


class Inspector:
    def __init__(self):
        self.notes = []

    async def note(self, shelf, text):
        short = await agent(f"Put this for the store keeper of shelf {shelf} in one sentence: {text}", label=f"note:{shelf}")
        self.notes.append({"shelf": shelf, "text": short or text})

    async def compare(self, substance, shelf):
        try:
            match = await agent(
                f"Does the label of {substance} on shelf {shelf} agree with its safety data sheet?", schema=MATCH, critical=True
            )
            if not match["agrees"]:
                self.note(shelf, match["difference"])
        except Exception:
            pass

    async def inspect(self, shelf):
        labels = await agent(f"List the substances on shelf {shelf}.", schema=LABELS, label=f"list:{shelf}")
        if labels:
            await pipeline(labels["substances"], lambda substance: self.compare(substance, shelf))
        return shelf


async def main(args):
    inspector = Inspector()
    await pipeline(args["shelves"], inspector.inspect)
    log(f"{len(inspector.notes)} differences")
    return sorted(inspector.notes, key=lambda note: (note["shelf"], note["text"]))
