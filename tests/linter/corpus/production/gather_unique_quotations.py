"""Gather unique quotations on bees from a shelf of books and date each of them."""

from weft.primitives import Seen, agent, log, phase, pipeline

META = {"name": "bee-quotes", "description": "Unique dated quotations from books"}

ARGS = {
    "type": "object",
    "properties": {
        "books": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12},
    },
    "required": ["books"],
}

QUOTES = {
    "type": "object",
    "properties": {
        "quotes": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"words": {"type": "string"}, "author": {"type": "string"}, "page": {"type": "integer"}},
                "required": ["words", "author", "page"],
            },
        }
    },
    "required": ["quotes"],
}

DATED = {
    "type": "object",
    "properties": {"years": {"type": "array", "maxItems": 6, "items": {"type": "integer"}}},
    "required": ["years"],
}

seen = Seen(key=lambda quote: (quote["author"], quote["words"][:60]))


async def collect(book):
    """Collect the quotations of one book that no other book had."""
    reply = await agent(f"Quote what {book} says on bees, with author and page.", schema=QUOTES, label=f"quotes:{book}")
    if reply is None:
        return None
    return seen.add(reply["quotes"])


async def date_them(quotes, book):
    """Date the quotations of one book."""
    if not quotes:
        return None
    dated = await agent(f"In which year was each first printed?\n{quotes}", schema=DATED, label=f"date:{book}")
    return {"book": book, "quotes": quotes, "years": dated["years"] if dated else None}


async def main(args):
    phase("Collect and date")
    shelves = await pipeline(args["books"], collect, date_them)
    log(f"{len(seen)} unique quotations")
    return {"shelves": [shelf for shelf in shelves if shelf]}
