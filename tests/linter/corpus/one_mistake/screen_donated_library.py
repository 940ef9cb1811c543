"""Screen donated library books for mould damage; a book enters the stacks only when no examiner objects."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"books": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["books"],
}
OPINION = {"type": "object", "properties": {"objects": {"type": "boolean"}, "why": {"type": "string"}}, "required": ["objects", "why"]}
EXAMINERS = ("conservator", "allergist", "archivist")


def opinion(book):
    return lambda examiner: agent(f"You are a {examiner}. From the photos of {book}: do you object to shelving it?", schema=OPINION)


def present(opinions):
    return (o for o in opinions if o is not None)


def unopposed(opinions):
    return not any(o["objects"] for o in present(opinions))


async def screen(book):
    opinions = await parallel(list(map(opinion(book), EXAMINERS)))
    return book if unopposed(opinions) else None


async def main(args):
    shelved = await pipeline(args["books"], screen)
    return {"shelve": [b for b in shelved if b], "examined": len(args["books"])}
