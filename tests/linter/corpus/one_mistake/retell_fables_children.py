"""Retell fables for a children's radio hour."""
from weft.primitives import agent, pipeline

META = {"name": "fables", "description": "Fables to be read aloud"}
ARGS = {"type": "object", "properties": {"fables": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["fables"]}
READING = {"type": "object", "properties": {"seconds": {"type": "integer"}, "hard": {"type": "array", "maxItems": 9, "items": {"type": "string"}}},
           "required": ["seconds", "hard"]}


class Hour:
    def __init__(self, fables):
        self.fables = fables

    async def retell(self, fable):
        told = await agent(f"Retell the fable {fable} for six-year-olds in 200 words.", label=fable)
        if not told:
            return None
        timing = await agent(f"Time this text read aloud, list hard words:\n<text>{told}</text>", schema=READING)
        return {"fable": fable, "text": told}

    async def fill(self):
        return [spot for spot in await pipeline(self.fables, self.retell) if spot]


async def main(args):
    return {"programme": await Hour(args["fables"]).fill()}
