"""Add missing docstrings to a weather library, each module in its own worktree, and keep what a second reader accepts."""
from weft.primitives import agent, log, phase, pipeline, tool

META = {"name": "weather-docstrings", "description": "Docstrings for a weather library"}
ARGS = {
    "type": "object",
    "properties": {"modules": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 20}},
    "required": ["modules"],
}
ACCEPT = {
    "type": "object",
    "properties": {"accept": {"type": "boolean"}, "why": {"type": "string"}},
    "required": ["accept", "why"],
}


async def main(args):
    phase("Look")
    existing = await tool("list_files") or []
    modules = []
    missing = []
    for module in args["modules"]:
        if module in modules:
            continue
        if module in existing:
            modules.append(module)
        else:
            missing.append(module)
    if missing:
        log(f"not there: {', '.join(missing)}")

    async def write(module):
        best = None
        problem = ""
        for attempt in range(2):
            change = await agent(
                f"Add the missing docstrings in {module}; touch nothing else. {problem}",
                isolation="worktree",
                tools=["read_file", "edit_file"],
                label=f"write:{module}:{attempt}",
            )
            if change is None:
                continue
            strangers = [name for name in change["files"] if name != module]
            if not strangers:
                best = change
                break
            problem = f"Your last attempt also changed {', '.join(strangers)}."
        if best is None:
            return None
        return {"module": module, "branch": best["branch"], "patch": best["patch"]}

    async def read(change):
        reply = await agent(f"Does this patch only add docstrings, and are they true?\n{change['patch']}", schema=ACCEPT, tools=["read_file"], label=f"read:{change['module']}")
        if reply is None:
            return None
        return {"module": change["module"], "branch": change["branch"], "accept": reply["accept"], "why": reply["why"]}

    phase("Write and read")
    rows = await pipeline(modules, write, read)

    phase("Sort")
    accepted = []
    refused = []
    failed = []
    for i in range(len(rows)):
        if rows[i] is None:
            failed.append(modules[i])
        elif rows[i]["accept"]:
            accepted.append({"module": rows[i]["module"], "branch": rows[i]["branch"]})
        else:
            refused.append({"module": rows[i]["module"], "why": rows[i]["why"]})
    return {"accepted": accepted, "refused": refused, "failed": failed, "missing": missing}
