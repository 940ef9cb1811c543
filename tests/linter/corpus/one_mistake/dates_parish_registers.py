"""Which dates in the parish registers cannot be right? Each one is looked at again by a second pair of eyes."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"registers": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["registers"],
}
ENTRY = {
    "type": "object",
    "properties": {"page": {"type": "integer"}, "person": {"type": "string"}, "date": {"type": "string"}},
    "required": ["page", "person", "date"],
}
ENTRIES = {
    "type": "object",
    "properties": {"entries": {"type": "array", "maxItems": 10, "items": ENTRY}},
    "required": ["entries"],
}
SECOND = {
    "type": "object",
    "properties": {"impossible": {"type": "boolean"}, "person": {"type": "string"}},
    "required": ["impossible", "person"],
}


def odd_entries(replies):
    for reply in replies:
        if reply is None:
            continue
        yield from reply["entries"]


def second_look(entry):
    return agent(
        f"Open page {entry['page']} and say whether {entry['date']} can be right for {entry['person']}.", schema=SECOND
    )


async def main(args):
    replies = await parallel(
        [agent(f"List entries of {name} whose date looks impossible.", schema=ENTRIES) for name in args["registers"]]
    )
    looked = await pipeline(list(odd_entries(replies)), second_look)
    return sorted(row["person"] for row in looked if row and row["impossible"])
