"""Which recipes in the collection contain an allergen that their card does not name?"""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"recipes": {"type": "array", "items": {"type": "string"}, "maxItems": 80}},
    "required": ["recipes"],
}
ALLERGENS = {
    "type": "object",
    "properties": {
        "allergens": {
            "type": "array",
            "maxItems": 14,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "ingredient": {"type": "string"}},
                "required": ["name", "ingredient"],
            },
        }
    },
    "required": ["allergens"],
}


def row(recipe, allergen):
    return {"recipe": recipe, "allergen": allergen["name"], "because": allergen["ingredient"], "card": allergen["card"]}


async def main(args):
    phase("Read recipes")
    replies = await parallel([agent(f"Which allergens does {recipe} contain without naming them on its card?", schema=ALLERGENS, label=recipe) for recipe in args["recipes"]])
    rows = []
    for recipe, reply in zip(args["recipes"], replies):
        for allergen in reply["allergens"]:
            rows.append(row(recipe, allergen))
    log(f"{len(rows)} allergens are not named")
    rows.sort(key=lambda each: (each["allergen"], each["recipe"]))
    return {"rows": rows}
