"""Rate sound samples and name the first one that is fit for the museum."""
from weft.primitives import agent, parallel

META = {"name": "samples", "description": "Pick a sound for the entrance"}
ARGS = {"type": "object", "properties": {"samples": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["samples"]}
EAR = {"type": "object", "properties": {"fit": {"type": "boolean"}, "mood": {"type": "string"}}, "required": ["fit", "mood"]}


class Shelf:
    def __init__(self):
        self.fit = []

    async def hear(self, sample):
        heard = await agent(f"Listen to {sample}: fit for a museum entrance?", schema=EAR, label=sample)
        if heard and heard["fit"]:
            self.fit.append({"sample": sample, "mood": heard["mood"]})


async def main(args):
    shelf = Shelf()
    await parallel([shelf.hear(sample) for sample in args["samples"]])
    if not shelf.fit:
        return {"chosen": None, "others": 0}
    chosen, *others = shelf.fit
    return {"chosen": chosen, "others": len(others)}
