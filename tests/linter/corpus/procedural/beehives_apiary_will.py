"""Which beehives of an apiary will not get through the winter, and what should be done about each?"""
from weft.primitives import agent, log, parallel, phase, sample, verify

META = {"name": "winter-hives", "description": "Hives at risk, with a plan for each"}
ARGS = {
    "type": "object",
    "properties": {"hives": {"type": "array", "items": {"type": "string"}, "minItems": 4, "maxItems": 64}},
    "required": ["hives"],
}
RISK = {
    "type": "object",
    "properties": {
        "risk": {"type": "integer", "minimum": 0, "maximum": 100},
        "cause": {"type": "string", "enum": ["mites", "food", "queen", "damp", "none"]},
        "sign": {"type": "string"},
    },
    "required": ["risk", "cause", "sign"],
}


async def main(args):
    hives = list(dict.fromkeys(args["hives"]))

    phase("Rate")
    ratings = await parallel([agent(f"Read the record {h}. How likely is it that the hive dies this winter, and of what?", schema=RISK, label=f"rate:{h}") for h in hives])
    rated = []
    unrated = []
    for h, rating in zip(hives, ratings):
        if rating:
            rated.append({"hive": h, "risk": rating["risk"], "cause": rating["cause"], "sign": rating["sign"]})
        else:
            unrated.append(h)

    phase("Cut")
    risks = sorted(row["risk"] for row in rated)
    line = 50
    if risks:
        line = max(50, risks[(len(risks) * 3) // 4])
    high = [row for row in rated if row["risk"] >= line and row["cause"] != "none"]
    high.sort(key=lambda row: (-row["risk"], row["hive"]))
    high = high[:12]
    low = [row for row in rated if row["risk"] < line]

    phase("Second opinion")
    control = sample(low, min(3, len(low)), seed=7)
    jobs = [verify({"file": row["hive"], "sign": row["sign"], "cause": row["cause"]}, lenses=["the record shows the sign", "the sign means the cause"], quorum=2) for row in high]
    jobs += [agent(f"Read the record {row['hive']} as a sceptical beekeeper. How likely is it that the hive dies this winter?", schema=RISK, label=f"control:{row['hive']}") for row in control]
    results = await parallel(jobs)
    verdicts = results[: len(high)]
    again = results[len(high):]
    missed = []
    for row, second in zip(control, again):
        if second is not None and second["risk"] >= line:
            missed.append(row["hive"])
    sure = [row for row, verdict in zip(high, verdicts) if verdict and verdict["survives"]]
    log(f"{len(sure)} of {len(high)} stand; {len(missed)} of {len(control)} controls look worse")

    phase("Plan")
    by_cause = {}
    for row in sure:
        by_cause.setdefault(row["cause"], []).append(row["hive"])
    causes = sorted(by_cause)
    texts = await parallel([agent(f"Hives {', '.join(by_cause[c])} are at risk from {c}. What should the beekeeper do this week?", label=f"plan:{c}") for c in causes])
    plan = {}
    for c, text in zip(causes, texts):
        plan[c] = {"hives": by_cause[c], "do": text or "see a vet"}
    return {"plan": plan, "missed": missed, "unrated": unrated}
