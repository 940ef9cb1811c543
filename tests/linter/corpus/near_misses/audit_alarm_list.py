"""Audit the alarm list of a chemical plant: every nuisance alarm with what the reviewers thought of it."""

from weft.primitives import agent, dedup, parallel, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"units": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["units"],
}
ALARMS = {
    "type": "object",
    "properties": {
        "issues": {"type": "array", "maxItems": 7, "items": {
            "type": "object",
            "properties": {
                "tag": {"type": "string"},
                "kind": {"enum": ["chattering", "stale", "duplicate", "wrong limit"]},
                "limit": {"type": "number"},
            },
            "required": ["tag", "kind"]}},
    },
    "required": ["issues"],
}
VIEWS = ["the trend shows it", "an operator could not act on it", "the design basis does not ask for it"]


async def assess(issue):
    verdict = await verify(issue, lenses=VIEWS, quorum=2, veto=False)
    return {
        "tag": issue["tag"],
        "kind": issue["kind"],
        "limit": issue.get("limit"),
        "outcome": verdict["outcome"],
        "votes": verdict["votes"],
    }


async def main(args):
    phase("List")
    replies = await parallel([
        agent(f"Go through the alarm journal of unit {unit} and list nuisance alarms.", schema=ALARMS, label=f"unit:{unit}")
        for unit in args["units"]
    ])
    issues = dedup([i for reply in replies if reply for i in reply["issues"]], key=lambda i: (i["tag"], i["kind"]))
    phase("Assess")
    assessed = await pipeline(issues, assess)
    certain = [a for a in assessed if a and a["outcome"] == "survives"]
    return {
        "alarms": [a for a in assessed if a],
        "certain": len(certain),
        "not_assessed": [i["tag"] for i, a in zip(issues, assessed) if a is None],
        "unread_units": [u for u, reply in zip(args["units"], replies) if reply is None],
        "long_lists": [u for u, reply in zip(args["units"], replies) if reply and reply["issues"].full],
    }
