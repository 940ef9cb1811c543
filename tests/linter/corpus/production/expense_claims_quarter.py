"""Which expense claims of the quarter break the travel policy? Only what an independent reader confirms is reported."""

from weft.primitives import agent, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"claims": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 60}},
    "required": ["claims"],
}
SUSPICION = {
    "type": "object",
    "properties": {
        "breaks_policy": {"type": "boolean"},
        "rule": {"type": "string"},
        "reason": {"type": "string", "maxLength": 500},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "required": ["breaks_policy", "rule", "reason", "confidence"],
}
VOTE = {
    "type": "object",
    "properties": {"verdict": {"enum": ["breaks", "does not break", "cannot tell"]}, "quote": {"type": "string"}},
    "required": ["verdict", "quote"],
}
READERS = ["as an auditor", "as the employee's representative", "as the author of the policy"]


async def suspect(path):
    reply = await agent(f"Does the expense claim {path} break a rule of policy.md?", schema=SUSPICION, label=path)
    if reply is None:
        return None
    return {**reply, "path": path}


async def second_look(entry):
    if not entry["breaks_policy"]:
        return {**entry, "outcome": "fine"}
    brief = (
        f"Read {entry['path']} and policy.md. Does the claim break the rule {entry['rule']}? "
        f"The first reader says so with a confidence of {entry['confidence']}, because: {entry['reason']}"
    )
    votes = await parallel([agent(f"{brief}\nAnswer {reader}, and quote what decides it.", schema=VOTE, label=f"{reader}:{entry['path']}") for reader in READERS])
    cast = [v["verdict"] for v in votes if v]
    if cast.count("breaks") >= 2:
        return {**entry, "outcome": "breaks"}
    return {**entry, "outcome": "fine" if cast.count("does not break") >= 2 else "open"}


async def main(args):
    phase("Read")
    results = await pipeline(args["claims"], suspect, second_look)
    known = [r for r in results if r]
    return {
        "report": [{"path": r["path"], "rule": r["rule"]} for r in known if r["outcome"] == "breaks"],
        "open": [r["path"] for r in known if r["outcome"] == "open"],
        "not_read": [p for p, r in zip(args["claims"], results) if r is None],
    }
