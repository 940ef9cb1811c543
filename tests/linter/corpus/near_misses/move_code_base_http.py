"""Move a code base from one HTTP client to another: advice for the easy files, edits in worktrees, one merge after another."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"files": {"type": "array", "maxItems": 15, "items": {"type": "string"}}},
    "required": ["files"],
}
EDITOR = {"tools": ["read_file", "edit_file"], "isolation": "worktree"}
ADVICE = {
    "type": "object",
    "properties": {"hard": {"type": "boolean"}, "advice": {"type": "string", "maxLength": 300}},
    "required": ["hard", "advice"],
}


async def main(args):
    files = args["files"]
    phase("Advise")
    advice = await parallel(
        [agent(f"Describe how you would migrate {name} to httpx; do not change any file.", schema=ADVICE, label=name) for name in files]
    )
    known = {name: answer for name, answer in zip(files, advice) if answer}
    hard = sorted(name for name, answer in known.items() if answer["hard"])[:6]
    if not hard:
        return {"branches": [], "advice": {name: answer["advice"] for name, answer in known.items()}}

    phase("Edit")
    changes = await parallel([agent(f"Migrate {name} from requests to httpx.", label=name, **EDITOR) for name in hard])
    phase("Merge")
    merged = []
    for name, change in zip(hard, changes):
        if not change:
            log(f"{name} was not changed")
            continue
        await agent(f"Merge the branch {change['branch']} into main and run the tests.", tools=["bash"], label=f"merge {name}")
        merged.append(change["branch"])
    return {"branches": merged, "advice": {name: answer["advice"] for name, answer in known.items()}}
