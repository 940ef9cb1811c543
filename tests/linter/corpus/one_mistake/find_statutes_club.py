"""Find statutes of a club that contradict each other."""

from functools import partial
from itertools import combinations, repeat, starmap

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "required": ["statutes"],
    "properties": {"statutes": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 40}},
}
CLASH = {
    "type": "object",
    "required": ["clash", "weight"],
    "properties": {"clash": {"type": "boolean"}, "weight": {"type": "integer"}},
}
VOTE = {"type": "object", "required": ["real"], "properties": {"real": {"type": "boolean"}}}


def compare(a, b):
    return agent(f"Do statutes {a} and {b} contradict each other? Weigh it from 1 to 9.", schema=CLASH)


async def main(args):
    pairs = list(combinations(args["statutes"], 2))
    answers = await parallel(list(starmap(compare, pairs)))
    clashes = sorted(((r["weight"], a, b) for (a, b), r in zip(pairs, answers) if r and r["clash"]), reverse=True)
    if not clashes:
        return {"worst": None, "confirmed": False}
    _, a, b = clashes[0]
    doubt = partial(agent, f"Try to reconcile statutes {a} and {b}. Is the contradiction real?", schema=VOTE)
    votes = await parallel([job() for job in repeat(doubt, 3)])
    yes = sum(1 for v in votes if v and v["real"])
    return {"worst": [a, b], "confirmed": yes >= 2}
