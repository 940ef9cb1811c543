"""Do our four demand models agree? Compare each pair on the same holdout weeks and rank by agreement."""
from collections import defaultdict
from itertools import combinations
from statistics import mean

from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"weeks": {"type": "string"}}, "required": ["weeks"]}
MODELS = ("seasonal naive", "gradient boosting", "bayesian structural", "planner's gut")
AGREEMENT = {
    "type": "object",
    "properties": {
        "correlation": {"type": "number", "minimum": -1, "maximum": 1},
        "worst_week": {"type": "string"},
    },
    "required": ["correlation", "worst_week"],
}


async def compare(left, right, weeks):
    reply = await agent(
        f"Compare the forecasts of '{left}' and '{right}' for the weeks {weeks}: correlation and the week they differ most.",
        schema=AGREEMENT,
        label=f"{left} / {right}",
    )
    return None if reply is None else (left, right, reply["correlation"], reply["worst_week"])


async def main(args):
    phase("Compare")
    results = await parallel([compare(a, b, args["weeks"]) for a, b in combinations(MODELS, 2)])
    scores, weeks = defaultdict(list), set()
    for left, right, correlation, week in filter(None, results):
        scores[left].append(correlation)
        scores[right].append(correlation)
        weeks.add(week)
    ranking = sorted(((mean(values), model) for model, values in scores.items()), reverse=True)
    return {
        "ranking": [{"model": model, "agreement": round(value, 3)} for value, model in ranking],
        "worst_weeks": sorted(weeks),
        "missing_pairs": sum(1 for r in results if r is None),
    }
