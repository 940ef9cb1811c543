"""Index a box of interview tapes."""
from weft.primitives import agent

META = {"name": "tapes", "description": "Speakers on each tape"}
ARGS = {"type": "object", "properties": {"tapes": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["tapes"]}
TAPE = {"type": "object", "properties": {"speakers": {"type": "array", "maxItems": 6, "items": {"type": "string"}}}, "required": ["speakers"]}


class Catalogue:
    def __init__(self):
        self.cards = {}
        self.silent = 0

    async def listen(self, tape):
        heard = await agent(f"Name the speakers on tape {tape}.", schema=TAPE, label=tape)
        if heard is None:
            self.silent += 1
        else:
            self.cards[tape] = heard["speakers"]


async def main(args):
    catalogue = Catalogue()
    for tape in args["tapes"]:
        await catalogue.listen(tape)
    return {"cards": catalogue.cards, "silent": catalogue.silent}
