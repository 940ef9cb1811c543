"""Look for something in many folders: cheap scouts look into each, and explorers go where the scouts saw most.

Use it where what you look for is in few places, and you do not know which: a folder that promises much is split among
several explorers, one that promises nothing gets none, and that is told. What they find is attacked before it counts.

Not where every file must be looked at (code-review, security-audit), nor for one folder (bug-hunt).
"""

from functools import partial

from weft.primitives import agent, allot, dedup, parallel, phase, pipeline, tool, understood, union, verify

ARGS = {
    "type": "object",
    "properties": {
        "goal": {"type": "string", "minLength": 3, "examples": ["Places where money is rounded"]},
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "explorers": {"type": "integer", "description": "In all", "minimum": 1, "maximum": 100, "default": 12},
        "most": {"type": "integer", "description": "In one folder", "minimum": 1, "maximum": 20, "default": 4},
    },
    "required": ["goal"],
}

PROMISE = {
    "type": "object",
    "properties": {
        "why": {"type": "string", "description": "What you saw, in one sentence"},
        "promise": {"type": "integer", "minimum": 0, "maximum": 10, "description": "0: nothing. 10: surely much"},
    },
    "required": ["why", "promise"],
}

MOST_FOLDERS = 60

MOST_CHECKED = 30

MOST_READ = 40


def findings_in(files):
    """Return what an explorer of these files answers; a file goes by its number, which cannot be misspelt."""
    finding = {
        "type": "object",
        "properties": {
            "file": {"type": "integer", "minimum": 1, "maximum": len(files), "description": "Its number"},
            "line": {"type": "integer", "minimum": 1},
            "found": {"type": "string", "description": "What is there, in one sentence that can be checked"},
        },
        "required": ["file", "line", "found"],
    }
    findings = {"type": "array", "maxItems": 8, "items": finding}
    return {"type": "object", "properties": {"findings": findings}, "required": ["findings"]}


def numbered(files):
    """Return files as numbered lines."""
    return "\n".join(f"{number}. {file}" for number, file in enumerate(files, start=1))


async def scout(goal, folder):
    """Add to a folder how much it promises; what a lost scout would have said nobody knows."""
    reply = await agent(
        f"Does this folder have what is looked for? Skim, do not read all: names, beginnings, one search.\n"
        f"<goal>{goal}</goal>\n{numbered(folder['files'][:100])}",
        schema=PROMISE,
        effort="low",
        label=f"scout:{folder['name']}",
    )
    return {**folder, "promise": reply["promise"] if reply else None, "why": reply["why"] if reply else "scout lost"}


async def explore(files, goal):
    """Return what one explorer found in its files; `None` where it is lost."""
    reply = await agent(
        f"Look for this in the files below. Read all of each.\n<goal>{goal}</goal>\n{numbered(files)}",
        schema=findings_in(files),
        label=f"explore:{files[0]}",
    )
    return reply and {
        "findings": [{**finding, "file": files[finding["file"] - 1]} for finding in reply["findings"]],
        "full": reply["findings"].full,
    }


async def check(finding, goal):
    """Return a finding with what skeptics make of it, who are not told why anybody looked there."""
    claim = {"claim": f"{finding['found']} This belongs to: {goal}", "file": finding["file"], "line": finding["line"]}
    verdict = await verify(claim)
    return {**finding, "outcome": verdict["outcome"]}


def by_folder(files):
    """Return the files by the folder in which they stand."""
    folders = {}
    for file in files:
        folders.setdefault(file.rpartition("/")[0] or ".", []).append(file)
    return [{"name": name, "files": there} for name, there in folders.items()]


def spread(scouted, explorers, most):
    """Return the files of each explorer: the more a folder promises, the more share its files."""
    told = [folder["promise"] for folder in scouted if folder["promise"] is not None] or [1]
    middle = sum(told) / len(told)  # what a folder counts whose scout is lost: not nothing
    shares = allot(scouted, explorers, by=lambda f: middle if f["promise"] is None else f["promise"], most=most)
    parts = [folder["files"][number::count] for folder, count in shares for number in range(count)]
    return [part[:MOST_READ] for part in parts if part]


async def main(args):
    goal, files = args["goal"], dedup(args.get("files") or await tool("list_files") or [])
    there = by_folder(files)
    folders = there[:MOST_FOLDERS]
    understood(
        len(folders), len(there), what="folders", hint=f"{MOST_FOLDERS} at most are scouted: name those that count"
    )
    phase("Scout")
    scouted = [folder for folder in await pipeline(folders, partial(scout, goal)) if folder]

    phase("Explore")
    parts = spread(scouted, args["explorers"], args["most"])
    understood(len(parts), max(1, len(parts)), what="explorers", hint="no scout saw anything, so nobody went to look")
    explored = await parallel([explore(files, goal) for files in parts])
    found = union([got["findings"] for got in explored if got])  # no two explorers have the same file

    phase("Verify")
    checked = [f for f in await parallel([check(finding, goal) for finding in found[:MOST_CHECKED]]) if f]
    read = {file for files, got in zip(parts, explored, strict=True) if got for file in files}
    return {
        **{name: [f for f in checked if f["outcome"] == name] for name in ("survives", "undecided", "refuted")},
        "not_checked": found[MOST_CHECKED:],
        "folders": [
            {**folder, "files": len(folder["files"]), "read": len(read & set(folder["files"]))} for folder in scouted
        ],
        "folders_left_out": [folder["name"] for folder in there[MOST_FOLDERS:]],
        "there_may_be_more": [file for files, got in zip(parts, explored) if got and got["full"] for file in files],
        "files_not_read": len(files) - len(read),
    }
