"""Which dishes may be sold as vegan? Three jurors vote on each recipe."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"dishes": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["dishes"],
}
VOTE = {
    "type": "object",
    "properties": {"vegan": {"type": "boolean"}, "doubt": {"type": "string"}},
    "required": ["vegan", "doubt"],
}
JURORS = ("cook", "chemist", "inspector")


def ballot(dish):
    return f"Read the recipe of {dish}. Is every ingredient vegan? Say no when in doubt."


def vote(dish, juror):
    return agent(ballot(dish), schema=VOTE, label=f"{juror}:{dish}")


async def decide(dish):
    votes = await parallel([vote(dish, juror) for juror in JURORS])
    yes = [v for v in votes if v and v["vegan"]]
    doubts = [v["doubt"] for v in votes if v and not v["vegan"]]
    return {"dish": dish, "vegan": len(yes) >= 2, "doubts": doubts}


async def main(args):
    rows = [row for row in await pipeline(args["dishes"], decide) if row]
    return {"vegan": [row["dish"] for row in rows if row["vegan"]], "rows": rows}
