"""Which of these candidates is best? What they must do is checked first, then independent judges rank the rest.

Use it to choose between offers, designs, drafts or answers that are there already. What a candidate must do is checked
one by one and is not outvoted by what it does well; judges see no names, no other judge, and each another order.

Not to find candidates (deep-research), nor where a rule or a measurement decides: then measure. Not for one candidate
alone (perspectives).
"""

from weft.primitives import judge, parallel, phase, verify

ARGS = {
    "type": "object",
    "properties": {
        "candidates": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "minLength": 1, "description": "For you; judges do not see it"},
                    "text": {"type": "string", "minLength": 1, "description": "What is judged"},
                },
                "required": ["name", "text"],
            },
            "minItems": 2,
            "maxItems": 20,
            "examples": [[{"name": "A", "text": "Notes in one file"}, {"name": "B", "text": "Notes in the browser"}]],
        },
        "criteria": {
            "type": "array",
            "description": "What makes one better than another",
            "items": {"type": "string", "minLength": 3},
            "examples": [["how easily notes can be taken elsewhere"]],
            "minItems": 1,
            "maxItems": 8,
        },
        "must": {
            "type": "array",
            "description": "What each of them has to do: one that does not is out",
            "items": {"type": "string", "minLength": 3},
            "maxItems": 5,
            "default": [],
        },
        "judges": {"type": "integer", "minimum": 3, "maximum": 15, "default": 3},
    },
    "required": ["candidates", "criteria"],
}


async def check(candidate, must):
    """Return what skeptics say of one thing that a candidate must do."""
    verdict = await verify({"claim": f"this does what it must: {must}", "candidate": candidate["text"]})
    return {"must": must, "outcome": verdict["outcome"]}


async def examine(candidate, musts):
    """Return a candidate with what it must do and does not, and with what nobody could decide."""
    checked = [found for found in await parallel([check(candidate, must) for must in musts]) if found]
    fails = [found["must"] for found in checked if found["outcome"] == "refuted"]
    undecided = [found["must"] for found in checked if found["outcome"] == "undecided"]
    return {**candidate, "fails": fails, "undecided": undecided}


async def main(args):
    phase("Check")
    musts = args["must"]
    examined = [found for found in await parallel([examine(one, musts) for one in args["candidates"]]) if found]
    left = [found for found in examined if not found["fails"]]

    phase("Judge")
    ranking = await judge([one["text"] for one in left], criteria=args["criteria"], judges=args["judges"])
    return {
        "outcome": ranking.outcome if left else "none",
        "agreement": ranking.agreement,
        "ranking": [
            {
                "place": standing["place"],
                "name": left[standing["index"]]["name"],
                "points": standing["points"],
                "undecided": left[standing["index"]]["undecided"],
            }
            for standing in ranking.standings
        ],
        "out": [{"name": one["name"], "fails": one["fails"]} for one in examined if one["fails"]],
        "reasons": [vote["reason"] for vote in ranking.votes],
        "judges": len(ranking.votes),
        "judges_lost": len(ranking.lost),
    }
