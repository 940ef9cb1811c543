"""Grandmother's recipe cards: read, convert to metric, shorten, and set the allergens under each."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"cards": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["cards"],
}
CARD = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "steps": {"type": "string"}},
    "required": ["title", "steps"],
}


async def through(values, *stages):
    return [value for value in await pipeline(values, *stages) if value is not None]


def read(card):
    return agent(f"Read the recipe card {card} and copy it.", schema=CARD)


def metric(recipe):
    return agent(f"Give {recipe['title']} in grams and millilitres. Steps: {recipe['steps']}", schema=CARD)


def shorten(recipe):
    return agent(f"Shorten the steps of {recipe['title']} to half: {recipe['steps']}", schema=CARD)


async def allergens(recipe):
    text = await agent(f"Name the allergens in {recipe['title']}: {recipe['steps']}")
    return {**recipe, "allergens": text or "unknown"}


async def main(args):
    return await through(
        await through(args["cards"], read, metric),
        shorten,
        allergens,
    )
