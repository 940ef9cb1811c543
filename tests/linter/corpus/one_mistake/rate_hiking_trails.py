"""Rate hiking trails for a map of walks with a pram."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"trails": {"type": "array", "items": {"type": "string"}, "maxItems": 30}, "season": {"type": "string"}},
    "required": ["trails", "season"],
}
RATING = {
    "type": "object",
    "properties": {"passable": {"type": "boolean"}, "obstacles": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["passable", "obstacles"],
}


async def main(args):
    season = args["season"]
    ratings = await parallel(
        [
            agent(
                f"Look at the description of the trail {trail}. "
                "Can it be walked with a pram? Name steps, roots and narrow gates. "
                "Think of the ground as it is in {season}.",
                schema=RATING,
            )
            for trail in args["trails"]
        ]
    )
    return {trail: rating["obstacles"] for trail, rating in zip(args["trails"], ratings) if rating and rating["passable"]}
