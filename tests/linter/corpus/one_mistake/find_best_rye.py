"""Find the best rye bread in town and say why."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"bakeries": {"type": "array", "maxItems": 9, "items": {"type": "string"}}},
    "required": ["bakeries"],
}
REVIEW = {
    "type": "object",
    "properties": {
        "bakery": {"type": "string"},
        "score": {"type": "integer", "minimum": 0, "maximum": 20},
        "crust": {"type": "string", "maxLength": 60},
    },
    "required": ["bakery", "score", "crust"],
}


def taste(bakery):
    return agent(f"Rate the rye bread of {bakery} from its customer reviews", schema=REVIEW, label=bakery)


def score_of(review):
    return review["score"]


async def main(args):
    reviews = await parallel([taste(b) for b in args["bakeries"]])
    if not any(reviews):
        return {"winner": None, "praise": None}
    winner = max(reviews, key=score_of)
    praise = await agent(f"Praise the rye bread of {winner['bakery']}: crust {winner['crust']}, {winner['score']} of 20.")
    return {"winner": winner, "praise": praise}
