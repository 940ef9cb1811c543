"""How much do replications in different labs scatter?"""

import statistics

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"labs": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 16}},
    "required": ["labs"],
}
REPLICATION = {
    "type": "object",
    "properties": {
        "lab": {"type": "string"},
        "effect": {"type": "number"},
        "participants": {"type": "integer"},
        "deviations": {"type": "array", "maxItems": 4, "items": {"type": "string"}},
    },
    "required": ["lab", "effect", "deviations"],
}


def question(row, spread):
    size = f"n = {row['participants']}"
    return agent(f"{row['lab']} ({size}) deviated: {', '.join(row['deviations'])}. Could that explain a spread of {spread:.2f}?")


async def main(args):
    rows = await parallel([agent(f"Read the replication report of {lab}.", schema=REPLICATION) for lab in args["labs"]])
    spread = statistics.pstdev(row["effect"] for row in rows)
    deviating = [row for row in rows if row and row["deviations"]]
    opinions = await pipeline(deviating, lambda row: question(row, spread))
    verdict = await agent(f"{sum(o is not None for o in opinions)} labs deviated; the spread is {spread:.2f}. Is a moderator likely?")
    return {"spread": spread, "opinions": opinions, "verdict": verdict}
