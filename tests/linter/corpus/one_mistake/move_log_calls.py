"""Move the log calls of a code base to the new logging facade."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "required": ["modules"],
    "properties": {"modules": {"type": "array", "items": {"type": "string"}, "maxItems": 45}},
}
CHANGE = {
    "type": "object",
    "required": ["calls", "compiles"],
    "properties": {"calls": {"type": "integer"}, "compiles": {"type": "boolean"}},
}


class Announcer:
    async def tell(self, module, change):
        return await agent(f"Post to the team channel: {change['calls']} log calls moved in {module}.", tools=["chat"])


class Migration:
    def __init__(self, announcer):
        self.announcer = announcer

    async def migrate(self, module):
        change = await agent(
            f"Edit module {module} in place: replace every call of oldlog by facade.log, then run the compiler.",
            schema=CHANGE,
            tools=["read_file", "edit_file", "bash"],
        )
        if change is None or not change["compiles"]:
            return {"module": module, "calls": 0}
        if change["calls"] > 0:
            self.announcer.tell(module, change)
        return {"module": module, "calls": change["calls"]}


async def main(args):
    migration = Migration(Announcer())
    rows = await parallel([migration.migrate(m) for m in args["modules"]])
    done = [r for r in rows if r and r["calls"]]
    log(f"{len(done)} modules changed")
    return {"changed": done, "total": sum(r["calls"] for r in done)}
