"""Find joins that multiply rows, in rounds, as long as a fifth of the budget stays for the report."""

from collections import defaultdict

from weft.primitives import Seen, agent, log, parallel, phase, synthesize, verify, while_budget

ARGS = {
    "type": "object",
    "properties": {"queries": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}},
    "required": ["queries"],
}
BUDGET = {"usd": 3.0}
JOINS = {
    "type": "object",
    "properties": {
        "joins": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {"file": {"type": "string"}, "line": {"type": "integer"}, "why": {"type": "string", "maxLength": 200}},
                "required": ["file", "line", "why"],
            },
        }
    },
    "required": ["joins"],
}


async def main(args):
    seen = Seen(key=lambda join: (join["file"], join["line"]))
    by_file = defaultdict(list)
    for round in while_budget(reserve=0.2, max_rounds=3):
        phase(f"Round {round.number}")
        known = [f"{path}:{join['line']}" for path in sorted(by_file) for join in by_file[path]]
        replies = await parallel(
            [agent(f"Which joins in {query} multiply rows? Not these: {', '.join(known[:60]) or 'none yet'}", schema=JOINS, label=query) for query in args["queries"]]
        )
        fresh = seen.add(join for reply in replies if reply for join in reply["joins"])
        round.found(fresh)
        verdicts = await parallel([verify(join, votes=3) for join in fresh])
        for join, verdict in zip(fresh, verdicts):
            if verdict and verdict["survives"]:
                by_file[join["file"]].append(join)
        log(f"{len(fresh)} new, {sum(map(len, by_file.values()))} held up")
    lines = [f"{path}:{join['line']} {join['why']}" for path in sorted(by_file) for join in by_file[path]]
    phase("Report")
    text = await synthesize(lines, "Explain which joins multiply rows, and how to mend them.", fan_in=12) if lines else None
    return {"report": text, "joins": dict(by_file), "looked_at": len(seen)}
