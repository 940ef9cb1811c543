"""Errata for the second edition of a schoolbook: three readers, and every erratum is held against the sources."""

from weft.primitives import agent, parallel, pipeline, top_k, verify

ERRATA = {
    "type": "object",
    "properties": {
        "errata": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "page": {"type": "integer"},
                    "line": {"type": "integer"},
                    "should_be": {"type": "string"},
                    "weight": {"type": "integer"},
                },
                "required": ["page", "line", "should_be", "weight"],
            },
        }
    },
    "required": ["errata"],
}
READERS = {"dates": "years and dates", "sums": "sums and units", "maps": "maps and place names"}


async def holds(erratum):
    verdict = await verify(erratum, lenses=["the page says otherwise", "the correction is right"], quorum=2)
    return erratum if verdict["survives"] else None


async def main(args):
    replies = await parallel(
        [agent(f"You read for {what}. List errata of the schoolbook.", schema=ERRATA, label=who) for who, what in READERS.items()]
    )
    pool = [one for reply in replies if reply for one in reply["errata"]]
    gravest = top_k(pool, 20, by="weight")
    held = [one for one in await pipeline(gravest, holds) if one]
    places = {}
    for one in held:
        places.setdefault((one["page"], one["line"]), one)
    return [f"p. {page}, l. {line}: {one['should_be']}" for (page, line), one in sorted(places.items())]
