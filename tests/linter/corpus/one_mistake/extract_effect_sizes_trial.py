"""Extract effect sizes from trial registrations and have each one recomputed from the published tables."""

import math

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"trials": {"type": "array", "items": {"type": "string"}, "maxItems": 12}},
    "required": ["trials"],
}
EFFECTS = {
    "type": "object",
    "properties": {
        "effects": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"outcome": {"type": "string"}, "odds_ratio": {"type": "number"}, "table": {"type": "string"}},
                "required": ["outcome", "odds_ratio", "table"],
            },
        }
    },
    "required": ["effects"],
}
CHECK = {"type": "object", "properties": {"odds_ratio": {"type": "float"}}, "required": ["odds_ratio"]}


async def main(args):
    # step 1: one extraction per trial
    extraction = await parallel([agent(f"List the reported odds ratios of trial {t}.", schema=EFFECTS) for t in args["trials"]])
    # step 2: stack the rows
    outcome = []
    table = []
    logs = []
    for rep in extraction:
        if rep is None:
            continue
        for eff in rep["effects"]:
            if eff["odds_ratio"] <= 0:
                continue
            outcome.append(eff["outcome"])
            table.append(eff["table"])
            logs.append(math.log(eff["odds_ratio"]))
    log(f"{len(logs)} log odds ratios")
    # step 3: recompute
    recomputed = await parallel(
        [agent(f"Recompute the odds ratio for '{o}' from {tab}.", schema=CHECK) for o, tab in zip(outcome, table)]
    )
    rows = []
    for k in range(len(outcome)):
        if recomputed[k] is not None and recomputed[k]["odds_ratio"] > 0:
            rows.append({"outcome": outcome[k], "log_or": logs[k], "diff": logs[k] - math.log(recomputed[k]["odds_ratio"])})
    return {"rows": rows}
