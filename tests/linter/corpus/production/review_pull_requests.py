"""Review pull requests and list those that can be merged."""

from weft.primitives import agent, log, phase, pipeline

META = {"name": "pr-review", "description": "Review pull requests in two steps"}

ARGS = {
    "type": "object",
    "properties": {
        "pulls": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 20},
    },
    "required": ["pulls"],
}

REVIEW = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["approve", "request_changes", "comment"]},
        "risk": {"enum": ["low", "medium", "high"]},
        "comments": {"type": "array", "maxItems": 10, "items": {"type": "string"}},
    },
    "required": ["verdict", "risk", "comments"],
}

SECOND = {
    "type": "object",
    "properties": {"agrees": {"type": "boolean"}},
    "required": ["agrees"],
}


async def review(number):
    """First reviewer."""
    return await agent(f"Review pull request #{number}.", schema=REVIEW, label=f"review:{number}")


async def second(first, number):
    """A second reviewer looks only where the first one approved."""
    if first["verdict"] != "approved":
        return {"pull": number, "merge": False, "comments": first["comments"], "severity": first["risk"]}
    answer = await agent(f"Is pull request #{number} safe to merge? Read it yourself.", schema=SECOND, label=f"second:{number}")
    return {"pull": number, "merge": bool(answer and answer["agrees"]), "comments": first["comments"], "severity": first["severity"]}


async def main(args):
    phase("Review")
    rows = [row for row in await pipeline(args["pulls"], review, second) if row]
    merge = [row["pull"] for row in rows if row["merge"]]
    log(f"{len(merge)} of {len(rows)} can be merged")
    return {"merge": merge, "rows": rows}
