"""Which metre do the poems of an anthology use, and where do they break it?"""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"poems": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["poems"],
}
METRE = {
    "type": "object",
    "properties": {
        "metre": {"type": "string"},
        "rhyme": {"type": "string"},
        "lines": {"type": "integer", "minimum": 1},
    },
    "required": ["metre", "lines"],
}
BREAKS = {
    "type": "object",
    "properties": {"breaks": {"type": "array", "maxItems": 20, "items": {"type": "integer"}}},
    "required": ["breaks"],
}


class Question:
    def __init__(self, wording, schema):
        self.wording = wording
        self.schema = schema

    def __call__(self, poem):
        return agent(f"{self.wording}: {poem}", schema=self.schema, label=poem)


scan = Question("Metre, rhyme scheme and number of lines of the poem", METRE)


async def find_breaks(scanned, poem):
    form = f"{scanned['metre']}, {scanned['rhyme']}" if scanned["lines"] > 2 else scanned["metre"]
    reply = await agent(f"In which lines does '{poem}' break its form ({form})?", schema=BREAKS)
    return {"poem": poem, "form": form, "breaks": reply["breaks"] if reply else []}


async def main(args):
    return [row for row in await pipeline(args["poems"], scan, find_breaks) if row]
