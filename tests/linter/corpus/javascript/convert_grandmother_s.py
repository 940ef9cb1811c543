"""Convert grandmother's recipes to metric, for four people, with weights that add up."""

from weft.primitives import agent, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"recipes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["recipes"],
}
RECIPE = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "grams_total": {"type": "number"},
        "ingredients": {
            "type": "array",
            "maxItems": 25,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "grams": {"type": "number"}},
                "required": ["name", "grams"],
            },
        },
    },
    "required": ["title", "grams_total", "ingredients"],
}


def problem_of(recipe):
    if not recipe["ingredients"]:
        return "there are no ingredients"
    total = sum(i["grams"] for i in recipe["ingredients"])
    if abs(total - recipe["grams_total"]) > 5:
        return f"the ingredients weigh {total:g} g, the total says {recipe['grams_total']:g} g"
    return None


async def with_retry(make, problem, attempts=3):
    trouble = None
    for _ in range(attempts):
        value = await make(trouble)
        if value is None:
            continue
        trouble = problem(value)
        if trouble is None:
            return value
    return None


async def convert(path):
    def ask_for(trouble):
        hint = f" The last try was wrong: {trouble}." if trouble else ""
        return agent(f"Convert the recipe in {path} to metric weights for four people.{hint}", schema=RECIPE, label=path)

    recipe = await with_retry(ask_for, problem_of)
    return {"path": path, "ok": recipe is not None, "recipe": recipe}


async def main(args):
    phase("Convert")
    done = await pipeline(args["recipes"], convert)
    converted = {d["path"]: d["recipe"] for d in done if d and d["ok"]}
    return {"converted": converted, "by_hand": [p for p in args["recipes"] if p not in converted]}
