"""Ask back at suppliers whose quote is far from the median of all quotes."""

from functools import partial
from operator import itemgetter
from statistics import median

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "required": ["quotes"],
    "properties": {"quotes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 40}},
}
QUOTE = {
    "type": "object",
    "required": ["supplier", "cents"],
    "properties": {"supplier": {"type": "string"}, "cents": {"type": "integer"}},
}
price = itemgetter("cents")


def letter(middle, quote):
    return agent(
        f"Draft a polite question to {quote['supplier']}: their price is {price(quote) / middle:.0%} of the median offer.",
        label=quote["supplier"],
    )


async def main(args):
    answers = await parallel([agent(f"Read the total price in quote {path}.", schema=QUOTE) for path in args["quotes"]])
    quotes = [q for q in answers if q and price(q) > 0]
    compose = partial(letter, median(map(price, quotes)) if quotes else 1)
    letters = await parallel([compose(q) for q in quotes])
    return dict(zip(map(itemgetter("supplier"), quotes), letters))
