"""Nightly review of the feature store: one reader per feature view, one memo for the data council."""
import json
from collections import Counter

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"views": {"type": "array", "items": {"type": "string"}, "maxItems": 35}},
    "required": ["views"],
}
RISKS = {
    "type": "object",
    "properties": {
        "risks": {"type": "array", "maxItems": 5, "items": {
            "type": "object",
            "properties": {
                "feature": {"type": "string"},
                "kind": {"enum": ["leakage", "drift", "staleness", "privacy"]},
                "evidence": {"type": "string"},
            },
            "required": ["feature", "kind", "evidence"]}},
        "rows_checked": {"type": "integer"},
    },
    "required": ["risks", "rows_checked"],
}


def rows(views, replies):
    for view, reply in zip(views, replies):
        if reply:
            yield from ({"view": view, **risk} for risk in reply["risks"])


async def main(args):
    phase("Read")
    replies = await parallel([
        agent(f"Check feature view {view} for leakage, drift, staleness and privacy.", schema=RISKS, label=view)
        for view in args["views"]
    ])
    found = list(rows(args["views"], replies))
    kinds = Counter(r["kind"] for r in found)
    log(f"{len(found)} risks, {sum(r['rows_checked'] for r in replies if r)} rows")
    phase("Memo")
    memo = await agent(
        "Write a memo for the data council, the gravest first. The risks, as JSON:\n" + json.dumps(found, indent=1),
        label="memo",
    )
    return {"memo": memo, "kinds": dict(kinds), "unread": [v for v, r in zip(args["views"], replies) if not r]}
