"""Rate the damage that hailstorm photos show, house by house."""

from weft.primitives import agent, log, parallel, phase

META = {"name": "hail", "description": "Rate hail damage from photos"}

ARGS = {
    "type": "object",
    "properties": {
        "houses": {
            "type": "array",
            "minItems": 1,
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {"address": {"type": "string"}, "photo": {"type": "string"}},
                "required": ["address", "photo"],
            },
        }
    },
    "required": ["houses"],
}

DAMAGE = {
    "type": "object",
    "properties": {
        "grade": {"type": "integer", "minimum": 0, "maximum": 5},
        "roof": {"type": "string"},
        "windows": {"type": "integer", "minimum": 0},
    },
    "required": ["grade", "roof", "windows"],
}


async def main(args):
    houses = args["houses"]

    phase("Look")
    calls = []
    for house in houses:
        prompt = (
            f"Look at the photo {house['photo']} of {house['address']}.\n"
            "Grade the hail damage from 0 (none) to 5 (uninhabitable), describe the roof, count broken windows."
        )
        calls.append(agent(prompt, schema=DAMAGE, label=f"look:{house['address']}"))
    answers = await parallel(calls)

    graded = [answer for answer in answers if answer is not None]
    missing = len(houses) - len(graded)
    if missing:
        log(f"{missing} houses could not be graded")

    phase("Table")
    table = []
    for house, answer in zip(houses, graded):
        row = {
            "address": house["address"],
            "grade": answer["grade"],
            "roof": answer["roof"],
            "windows": answer["windows"],
        }
        table.append(row)

    table.sort(key=lambda row: (-row["grade"], row["address"]))
    urgent = [row["address"] for row in table if row["grade"] >= 4]
    return {"table": table, "urgent": urgent, "ungraded": missing}
