"""Rewrite each family recipe for four people and say how long it takes."""
from weft.primitives import agent, log, phase

META = {"name": "recipes-for-four", "description": "Scale a box of family recipes to four servings"}
ARGS = {
    "type": "object",
    "properties": {"recipes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 25}},
    "required": ["recipes"],
}
SCALED = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "ingredients": {"type": "array", "maxItems": 30, "items": {"type": "string"}},
        "minutes": {"type": "integer"},
    },
    "required": ["title", "ingredients", "minutes"],
}


async def main(args):
    phase("Scale")
    recipes = args["recipes"]
    book = []
    failed = 0
    i = 0
    while i < len(recipes):
        reply = await agent("Scale this recipe to four servings:\n" + recipes[i], schema=SCALED, label="scale:" + str(i))
        if reply is not None:
            book.append({"title": reply["title"], "ingredients": reply["ingredients"], "minutes": reply["minutes"]})
        else:
            failed = failed + 1
        i = i + 1
    if failed > 0:
        log(str(failed) + " recipes could not be scaled")
    return {"book": book, "failed": failed}
