"""Spot-check a sample of translated help articles."""

import random
from datetime import date

from weft.primitives import agent, log, parallel, phase

META = {"name": "spot-check", "description": "Spot-check translated help articles"}

ARGS = {
    "type": "object",
    "properties": {
        "articles": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 400},
        "size": {"type": "integer", "minimum": 1, "maximum": 20, "default": 10},
    },
    "required": ["articles"],
}

QUALITY = {
    "type": "object",
    "properties": {
        "grade": {"enum": ["good", "clumsy", "wrong"]},
        "example": {"type": "string"},
    },
    "required": ["grade", "example"],
}


async def main(args):
    phase("Choose")
    size = min(args.get("size", 10), len(args["articles"]))
    chosen = random.sample(args["articles"], size)
    log(f"{len(chosen)} articles chosen")

    phase("Check")
    grades = await parallel(
        [agent(f"Compare {article} with its original and grade it.", schema=QUALITY, label=article) for article in chosen[:20]]
    )
    rows = [{"article": article, "quality": grade} for article, grade in zip(chosen, grades)]
    wrong = [row["article"] for row in rows if row["quality"] and row["quality"]["grade"] == "wrong"]
    return {"checked_on": date.today().isoformat(), "rows": rows, "wrong": wrong}
