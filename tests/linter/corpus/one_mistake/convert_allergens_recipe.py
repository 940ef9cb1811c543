"""Convert the allergens of a recipe archive into a table."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"recipes": {"type": "array", "maxItems": 200, "items": {"type": "string"}}},
    "required": ["recipes"],
}
ALLERGENS = {
    "type": "object",
    "properties": {
        "dish": {"type": "string"},
        "allergens": {"type": "array", "maxItems": 14, "items": {"type": "string"}},
    },
    "required": ["dish", "allergens"],
}
AT_ONCE = 6


async def main(args):
    todo = list(args["recipes"])
    rows = []
    lost = 0
    while todo:
        now, todo = todo[:AT_ONCE], todo[AT_ONCE:]
        log(f"{len(todo)} recipes left")
        answers = await parallel([agent(f"Name the allergens in this recipe: {text}", schema=ALLERGENS) for text in now])
        for answer in answers:
            if answer is None:
                lost += 1
                continue
            rows.append(answer)
    rows.sort(key=lambda row: row["dish"])
    return {"rows": rows, "lost": lost}
