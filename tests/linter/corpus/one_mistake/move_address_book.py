"""Move the address book from the old date library to the standard one, module by module."""

from functools import partial

from weft.primitives import agent, log, pipeline, tool

DONE = {
    "type": "object",
    "properties": {"calls_changed": {"type": "integer"}, "left": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["calls_changed", "left"],
}
worker = partial(agent, schema=DONE, tools=["read_file", "apply_patch"], effort="medium")


def port(module):
    return worker(f"Replace every call of the old date library in {module}; leave all else as it is.", label=module)


def note(done, module):
    return {"module": module, "changed": done["calls_changed"], "left": done["left"]}


async def main(args):
    modules = (await tool("list_files", pattern="*.py") or [])[:30]
    rows = [row for row in await pipeline(modules, port, note) if row]
    log(f"{sum(row['changed'] for row in rows)} calls in {len(rows)} modules")
    return {"rows": rows, "lost": len(modules) - len(rows)}
