"""Condense the exit interviews of a year into reasons, and hand the board one table."""
from collections import defaultdict

from weft.primitives import agent, dedup, log, parallel, synthesize

ARGS = {
    "type": "object",
    "properties": {"interviews": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 40}},
    "required": ["interviews"],
}
REASONS = {
    "type": "object",
    "properties": {
        "department": {"type": "string"},
        "reasons": {"type": "array", "maxItems": 4, "items": {
            "type": "object",
            "properties": {"theme": {"enum": ["pay", "lead", "load", "growth", "place"]}, "explanation": {"type": "string"}},
            "required": ["theme", "explanation"]}},
    },
    "required": ["department", "reasons"],
}


async def read(path):
    return await agent(f"Read the exit interview {path}; give the department and up to four reasons.", schema=REASONS, label=path)


def flat(replies):
    for reply in replies:
        for reason in (reply["reasons"] if reply else []):
            yield {"department": reply["department"], **reason}


async def main(args):
    replies = await parallel([read(path) for path in args["interviews"]])
    reasons = dedup(list(flat(replies)), key=lambda r: (r["theme"], r["explanation"]))
    by_theme = defaultdict(list)
    for reason in reasons:
        by_theme[reason["theme"]].append(reason["department"])
    log(f"{len(reasons)} distinct reasons")
    lines = [f"{r['department']}: {r['theme']}: {r['explanation']}" for r in reasons]
    board = await synthesize(lines, "Return JSON with the keys headline and table: one row per theme with an example.", fan_in=8)
    if not board:
        return {"headline": None, "themes": {theme: len(d) for theme, d in by_theme.items()}}
    return {
        "headline": board["headline"],
        "table": board["table"],
        "themes": {theme: len(departments) for theme, departments in by_theme.items()},
    }
