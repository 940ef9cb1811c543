"""Mark the sentences of a leaflet that a ten-year-old would not understand."""

from itertools import chain, islice

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "required": ["sentences"],
    "properties": {"sentences": {"type": "array", "items": {"type": "string", "maxLength": 300}, "maxItems": 400}},
}
MARKS = {
    "type": "object",
    "required": ["hard"],
    "properties": {"hard": {"type": "array", "maxItems": 20, "items": {"type": "integer"}}},
}
SIZE = 20


def pages(items):
    return [list(islice(items, start, start + SIZE)) for start in range(0, len(items), SIZE)]


def numbered(page, first):
    return "\n".join(f"{n}: {s}" for n, s in enumerate(page, first))


async def main(args):
    sheets = pages(args["sentences"])
    replies = await parallel(
        [
            agent(
                f"Give the numbers of the sentences that a child of ten would not understand.\n{numbered(page, k * SIZE)}",
                schema=MARKS,
                tools=[],
            )
            for k, page in enumerate(sheets)
        ]
    )
    hard = chain.from_iterable(r["hard"] for r in replies if r is not None)
    return [args["sentences"][n] for n in sorted(set(hard)) if 0 <= n < len(args["sentences"])]
