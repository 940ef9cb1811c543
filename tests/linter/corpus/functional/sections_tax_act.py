"""Which sections of the tax act does the draft bill change without saying so?"""

from functools import reduce

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {
        "bill": {"type": "string"},
        "sections": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 40},
    },
    "required": ["bill", "sections"],
}
CHANGE = {
    "type": "object",
    "properties": {"changed": {"type": "boolean"}, "announced": {"type": "boolean"}, "effect": {"type": "string"}},
    "required": ["changed", "announced", "effect"],
}


def merge(acc, pair):
    section, change = pair
    return acc if not change or not change["changed"] or change["announced"] else acc | {section: change["effect"]}


async def main(args):
    phase("Compare")
    ask = lambda: agent(
        f"Compare the section of the tax act with the bill {args['bill']}: does the bill change it, and does it say so?",
        schema=CHANGE,
    )
    changes = await parallel([ask() for section in args["sections"]])
    return reduce(merge, zip(args["sections"], changes), {})
