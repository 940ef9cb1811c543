"""Search our repositories for credentials that were committed."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "repos": {"type": "array", "items": {"type": "string"}, "maxItems": 40},
        "since": {"type": "string", "default": "the beginning"},
    },
    "required": ["repos"],
}
LEAKS = {
    "type": "object",
    "properties": {
        "repo": {"type": "string"},
        "findings": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "line": {"type": "integer"}, "kind": {"type": "string"}},
                "required": ["path", "line", "kind"],
            },
        },
    },
    "required": ["repo", "findings"],
}


def scan(repo, since):
    return agent(
        f"Repository: {repo}\n"
        "Walk the history since {since} and report lines that hold a live credential.\n"
        "Never repeat the credential itself; give path, line and kind.\n"
        'Answer like {"repo": "a/b", "findings": [{"path": "x.env", "line": 3, "kind": "aws key"}]}.',
        schema=LEAKS,
        label=f"scan:{repo}",
    )


async def main(args):
    reports = [r for r in await parallel([scan(r, args["since"]) for r in args["repos"]]) if r]
    worst = sorted(reports, key=lambda r: len(r["findings"]), reverse=True)[:5]
    kinds = sorted({h["kind"] for r in worst for h in r["findings"]})
    advice = await agent(f"In which order should these kinds of credential be rotated? {', '.join(kinds)}")
    return {"worst": worst, "advice": advice}
