"""Which recipes of a cookery forum were copied from one another?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"recipes": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["recipes"],
}
SAME = {
    "type": "object",
    "properties": {"copied": {"type": "boolean"}, "sign": {"type": "string"}},
    "required": ["copied", "sign"],
}


async def main(args):
    recipes = args["recipes"]
    couples = [(one, other) for at, one in enumerate(recipes) for other in recipes[at + 1 :]]
    answers = await parallel([agent(f"Was one of {one} and {other} copied from the other? Name the sign.", schema=SAME) for one, other in couples])
    return [
        {"recipes": [one, other], "sign": answer["sign"]}
        for (one, other), answer in zip(couples, answers)
        if answer and answer["copied"]
    ]
