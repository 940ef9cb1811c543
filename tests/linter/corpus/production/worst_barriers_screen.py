"""The worst barriers for screen readers on our pages, each once, worst first, for the sprint."""

from weft.primitives import agent, dedup, parallel, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"pages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 25}},
    "required": ["pages"],
}
ISSUES = {
    "type": "object",
    "properties": {
        "issues": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {
                    "component": {"type": "string"},
                    "rule": {"enum": ["name", "contrast", "focus", "order", "language"]},
                    "severity": {"type": "integer", "minimum": 1, "maximum": 5},
                    "source": {"type": "string"},
                    "line": {"type": "integer"},
                },
                "required": ["component", "rule", "severity", "source", "line"],
            },
        }
    },
    "required": ["issues"],
}


async def confirm(issue):
    verdict = await verify(issue, lenses=["a screen reader does stumble there", "no attribute elsewhere repairs it"], quorum=2)
    return {**issue, "outcome": verdict["outcome"]}


async def main(args):
    phase("Inspect")
    replies = await parallel([agent(f"Inspect the markup of {p} for barriers for screen readers.", schema=ISSUES, label=p) for p in args["pages"]])
    issues = [issue for reply in replies if reply for issue in reply["issues"]]
    unique = dedup(issues, key=lambda i: (i["component"].lower(), i["rule"]))
    ranked = sorted(unique, key=lambda i: i["severity"], reverse=True)
    phase("Confirm")
    checked = [c for c in await pipeline(ranked[:12], confirm) if c]
    return {
        "sprint": [c for c in checked if c["outcome"] == "survives"],
        "undecided": [c for c in checked if c["outcome"] == "undecided"],
        "later": ranked[12:],
        "not_inspected": [p for p, reply in zip(args["pages"], replies) if reply is None],
        "may_have_more": [p for p, reply in zip(args["pages"], replies) if reply and reply["issues"].full],
    }
