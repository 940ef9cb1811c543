"""Is any flight-critical bolt in these maintenance logs overdue?"""

from weft.primitives import agent, log, parallel

META = {"name": "overdue-bolts", "description": "Overdue items in maintenance logs"}
ARGS = {
    "type": "object",
    "properties": {"logs": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["logs"],
}
OVERDUE = {
    "type": "object",
    "properties": {
        "overdue": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {"part": {"type": "string"}, "hours": {"type": "number"}, "line": {"type": "integer"}},
                "required": ["part", "hours", "line"],
            },
        }
    },
    "required": ["overdue"],
}


def scan(name):
    return agent(f"Which parts in {name} are past their inspection interval?", schema=OVERDUE, label=name)


def verdict(rows, unread):
    if rows:
        return "overdue"
    return "unknown" if unread else "nothing overdue"


async def main(args):
    replies = await parallel([scan(name) for name in args["logs"]])
    unread = [name for name, r in zip(args["logs"], replies) if r is None]
    full = [name for name, r in zip(args["logs"], replies) if r and r["overdue"].full]
    rows = [{**o, "log": name} for name, r in zip(args["logs"], replies) if r for o in r["overdue"]]
    log(f"{len(rows)} overdue, {len(unread)} logs unread, {len(full)} perhaps with more")
    rows.sort(key=lambda o: (-o["hours"], o["log"], o["line"]))
    return {"verdict": verdict(rows, unread), "candidates": rows, "unread": unread, "perhaps_more": full}
