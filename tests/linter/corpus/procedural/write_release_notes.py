"""Write release notes from the merged pull requests that the product manager would sign."""

from weft.primitives import agent, log, phase, tool

META = {"name": "release-notes", "description": "Draft release notes and have them assessed"}

ARGS = {
    "type": "object",
    "properties": {"version": {"type": "string"}, "changelog": {"type": "string"}},
    "required": ["version", "changelog"],
}

DRAFT = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "body": {"type": "string", "maxLength": 4000},
    },
    "required": ["title", "body"],
}

MARK = {
    "type": "object",
    "properties": {
        "score": {"type": "integer", "minimum": 0, "maximum": 10},
        "objections": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
    },
    "required": ["score", "objections"],
}


async def main(args):
    phase("Read")
    text = await tool("read_file", path=args["changelog"])
    if not text:
        return {"error": f"{args['changelog']} is empty or missing"}

    phase("Write")
    best = None
    best_score = -1
    history = []
    for attempt in range(4):
        draft = await agent(
            f"Write release notes for {args['version']}.\n"
            "One paragraph for administrators, one for users, no marketing.\n"
            f"The merged changes:\n{text}",
            schema=DRAFT,
            label=f"draft:{attempt}",
        )
        if draft is None:
            log(f"draft {attempt} was lost")
            continue

        mark = await agent(
            "Assess these release notes as the product manager would; the changes are in the file "
            f"{args['changelog']}.\n\n{draft['title']}\n{draft['body']}",
            schema=MARK,
            label=f"assess:{attempt}",
        )
        if mark is None:
            continue
        history.append({"attempt": attempt, "score": mark["score"], "objections": mark["objections"]})
        if mark["score"] > best_score:
            best = draft
            best_score = mark["score"]
        if mark["score"] >= 9:
            break

    return {"notes": best, "score": best_score, "history": history}
