"""Replace the old logging calls in all modules of a service; one agent edits a module, another checks its diff."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"modules": {"type": "array", "maxItems": 18, "items": {"type": "string"}}},
    "required": ["modules"],
}
DONE = {
    "type": "object",
    "properties": {"calls": {"type": "integer"}, "left": {"type": "integer"}},
    "required": ["calls", "left"],
}
READER = {"tools": ["read_file", "search_text"], "effort": "low"}
EDITOR = {"tools": ["read_file", "edit_file"], "effort": "medium"}


async def count(module):
    answer = await agent(f"How many calls of oldlog.* are left in {module}?", schema=DONE, **READER)
    return answer["left"] if answer else 0


async def edit(module):
    answer = await agent(f"Edit {module}: replace every oldlog.* call by logging.*.", schema=DONE, **EDITOR)
    return {"module": module, "calls": answer["calls"] if answer else None}


async def main(args):
    modules = args["modules"]
    phase("Count")
    before = await parallel([count(module) for module in modules])
    busy = [module for left, module in sorted(zip([left or 0 for left in before], modules), reverse=True) if left]
    phase("Edit")
    edits = await parallel([edit(module) for module in busy])
    rows = [row for row in edits if row]
    log(f"{len(rows)} modules edited")
    return {"rows": rows, "failed": [row["module"] for row in rows if row["calls"] is None]}
