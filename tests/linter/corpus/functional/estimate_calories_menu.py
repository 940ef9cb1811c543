"""Estimate the calories of a menu, dish by dish."""

from weft.primitives import agent, pipeline

META = {"name": "menu-calories", "description": "Estimates per dish, two looks each"}
ARGS = {
    "type": "object",
    "properties": {"dishes": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 40}},
    "required": ["dishes"],
}
PARTS = {
    "type": "object",
    "properties": {"ingredients": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["ingredients"],
}
KCAL = {
    "type": "object",
    "properties": {"kcal": {"type": "integer", "minimum": 0}},
    "required": ["kcal"],
}


async def main(args):
    table = {}

    def split(dish):
        return agent(f"List the ingredients of {dish} with weights.", schema=PARTS, label=f"split:{dish}")

    def weigh(parts, dish):
        return agent(f"Sum the calories of {dish}: {parts['ingredients']}", schema=KCAL, label=f"weigh:{dish}")

    def note(kcal, dish):
        table[dish] = kcal["kcal"]
        return dish

    rows = await pipeline(args["dishes"], split, weigh, note)
    return {"menu": {dish: table[dish] for dish in sorted(table)}, "without": [d for d, r in zip(args["dishes"], rows) if r is None]}
