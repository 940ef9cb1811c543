"""Migrate code: carry out one change in many files. Plans it, lets one agent change each file, and checks each patch.

Use it for a change that can be said in a sentence and concerns many files alike: another API, another name, another
idiom. It returns patches as data, texts and what takes their place, and writes nothing.

Not for a change that takes one file's edit to make another's (edits of several files are not tried together here), and
not where a refactoring tool or a regular expression can do it.
"""

from weft.primitives import agent, dedup, parallel, phase, tool, understood, verify

ARGS = {
    "type": "object",
    "properties": {
        "change": {
            "type": "string",
            "minLength": 3,
            "description": "What is to be changed into what",
            "examples": ["Replace print() by the module's logger"],
        },
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    },
    "required": ["change"],
}

MOST = 60

PLACES = {
    "type": "object",
    "properties": {
        "places": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {"line": {"type": "integer", "minimum": 1}, "code": {"type": "string"}},
                "required": ["line", "code"],
            },
        }
    },
    "required": ["places"],
}

EDITS = {
    "type": "object",
    "properties": {
        "edits": {
            "type": "array",
            "minItems": 1,
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {
                    "old": {"type": "string", "minLength": 1, "description": "Whole lines, exactly as they stand"},
                    "new": {"type": "string", "description": "What takes their place"},
                },
                "required": ["old", "new"],
            },
        }
    },
    "required": ["edits"],
}

LENSES = [
    "complete: open the file; is any place left that should have changed, or any edit that fits nowhere in it",
    "harmless: does anything else behave otherwise then, in this file or for those who call it",
]


async def find(file, change):
    """Return what one file has to change; `None` where the agent is lost."""
    reply = await agent(
        f"Read {file}. Which places does this change concern: {change}? An empty list where there are none.",
        schema=PLACES,
        label=f"find:{file}",
    )
    return reply and {"file": file, "places": reply["places"]}


def unfit(text, edits):
    """Return the words of edits that do not stand exactly once in what the edits before them have left of a file."""
    words = []
    for edit in edits:
        if text.count(edit["old"]) == 1:
            text = text.replace(edit["old"], edit["new"])
        else:
            words.append(edit["old"])
    return words


async def migrate(found, change, rules):
    """Let one agent change a file, and once more where its patch is refuted, with what was said against it."""
    file, objections, outcome, edits = found["file"], [], "lost", []
    text = await tool("read_file", path=file)
    for attempt in ("first", "second"):
        reply = await agent(
            f"Change {file}: {change}. Follow the rules. Give every edit that it takes in this file, and no others."
            + "".join(f"\nThis was said against the last attempt: {objection}" for objection in objections),
            schema=EDITS,
            context={"rules": rules, "places": found["places"]},
            label=f"change:{file}:{attempt}",
        )
        if reply is None:
            break
        edits = reply["edits"]
        misplaced = [] if text is None else unfit(text, edits)
        objections, outcome = [f"it does not stand in {file} exactly once: {old}" for old in misplaced], "refuted"
        if not objections:
            claim = {"claim": f"These edits of {file} carry out the change, and change nothing else", "edits": edits}
            verdict = await verify({**claim, "change": change, "rules": rules}, lenses=LENSES)
            objections = [vote["reason"] for vote in verdict["votes"] if vote["verdict"] == "refuted"]
            outcome = verdict["outcome"]
        if not objections:
            break
    return {"file": file, "outcome": outcome, "edits": edits, "objections": objections}


async def main(args):
    change, there = args["change"], dedup(args.get("files") or await tool("list_files") or [])
    files = there[:MOST]
    understood(len(files), len(there), hint=f"{MOST} at most are looked at: name those that count")
    phase("Plan")
    looked = await parallel([find(file, change) for file in files])
    concerned = [found for found in looked if found and found["places"]]
    rules = concerned and await agent(
        f"Many people will each change one file: {change}. From what they will find, write the rules by which all of "
        "them do it alike: names, imports, order, and what stays as it is.",
        context={"found": [{"file": f["file"], "first places": f["places"][:3]} for f in concerned]},
        label="rules",
        critical=True,
    )
    phase("Change and check")
    done = [one for one in await parallel([migrate(found, change, rules) for found in concerned]) if one]
    return {
        "rules": rules or None,
        **{kind: [f for f in done if f["outcome"] == kind] for kind in ("survives", "undecided", "refuted", "lost")},
        "unchanged": [found["file"] for found in looked if found and not found["places"]],
        "not_looked_at": [file for file, found in zip(files, looked) if found is None],
        "files_left_out": len(there) - len(files),
    }
