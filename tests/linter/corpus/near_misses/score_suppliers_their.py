"""Score suppliers by what their audit reports say, and rank them."""

import statistics
from collections import defaultdict

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"suppliers": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}, "maxItems": 5}, "maxProperties": 20}},
    "required": ["suppliers"],
}
SCORE = {
    "type": "object",
    "properties": {"score": {"type": "string", "enum": ["A", "B", "C", "D"]}, "finding": {"type": "string", "maxLength": 200}},
    "required": ["score", "finding"],
}


async def main(args):
    phase("Score")
    pairs = [(supplier, report) for supplier, reports in args["suppliers"].items() for report in reports]
    replies = await parallel([agent(f"Score {supplier} by the audit report {report}.", schema=SCORE, label=f"{supplier}:{report}") for supplier, report in pairs])
    scores = defaultdict(list)
    for (supplier, _), reply in zip(pairs, replies):
        if reply:
            scores[supplier].append(reply["score"])
    ranking = sorted(((statistics.mean(values), supplier) for supplier, values in scores.items()), reverse=True)
    log(f"{len(ranking)} suppliers ranked")
    return {"ranking": [{"supplier": supplier, "score": round(score, 2)} for score, supplier in ranking], "unscored": [s for s in args["suppliers"] if s not in scores]}
