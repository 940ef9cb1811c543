"""Improve the emergency announcement of a ferry until test listeners understand it."""
from weft.primitives import agent, log, parallel, phase

META = {"name": "ferry-announcement", "description": "An emergency announcement that is understood"}
ARGS = {
    "type": "object",
    "properties": {
        "facts": {"type": "string"},
        "listeners": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 6},
    },
    "required": ["facts", "listeners"],
}
HEARD = {
    "type": "object",
    "properties": {
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "unclear": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
    },
    "required": ["score", "unclear"],
}


async def main(args):
    phase("Draft")
    best = ""
    best_score = -1.0
    history = []
    good_enough = False

    for attempt in range(500):
        phase(f"Attempt {attempt + 1}")
        draft = await agent(f"Write an announcement of 60 words for a ferry in distress. Facts: {args['facts']}", label=f"draft:{attempt}")
        if draft is None:
            history.append({"attempt": attempt, "score": None})
            continue

        tests = await parallel([agent(f"You are {who}. You hear this on a ferry:\n{draft}\nHow well do you know what to do, and what is unclear?", schema=HEARD, label=f"listen:{who}") for who in args["listeners"]])
        scores = []
        unclear = []
        for test in tests:
            if test is None:
                continue
            scores.append(test["score"])
            unclear.extend(test["unclear"])
        if not scores:
            continue
        mean = sum(scores) / len(scores)
        history.append({"attempt": attempt, "score": mean, "unclear": unclear})
        log(f"attempt {attempt + 1}: {mean:.2f}")

        if mean > best_score:
            best = draft
            best_score = mean
        if best_score >= 0.95:
            good_enough = True
            break

    phase("Last look")
    if not best:
        return {"announcement": None, "score": 0.0, "good_enough": False}
    checked = await agent(f"Does this announcement say anything that is not in the facts? Correct it if so.\nFacts: {args['facts']}\nAnnouncement: {best}", label="last-look")
    final = checked
    if final is None:
        final = best
    return {"announcement": final, "score": best_score, "good_enough": good_enough, "attempts": len(history)}
