"""Convert grandmother's recipe cards: read the card, scale it to four, compute nutrition."""

from operator import itemgetter

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"cards": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
    "required": ["cards"],
}
RECIPE = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "serves": {"type": "integer"}, "body": {"type": "string"}},
    "required": ["title", "serves", "body"],
}

title, serves, body = map(itemgetter, ("title", "serves", "body"))


def transcribe(card):
    return agent(f"Transcribe the handwritten recipe card {card}.", schema=RECIPE)


def scale(recipe):
    return agent(f"Scale this recipe from {serves(recipe)} to 4 servings.\n<recipe>{body(recipe)}</recipe>", schema=RECIPE)


def nutrition(recipe):
    return agent(f"Energy and protein per serving of {title(recipe)}:\n<recipe>{body(recipe)}</recipe>")


def edible(recipe):
    return recipe is not None and serves(recipe) > 0


async def run(items, *stages):
    return await pipeline(items, *stages)


async def main(args):
    scaled = await run(args["cards"], transcribe, scale)
    facts = await run(list(filter(edible, scaled)), nutrition)
    return {"facts": [f for f in facts if f]}
