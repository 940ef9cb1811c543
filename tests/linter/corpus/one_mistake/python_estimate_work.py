"""Python 2 to 3: estimate the work for each module."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"modules": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["modules"],
}
CONVENTIONS = {
    "type": "object",
    "properties": {"encoding": {"type": "string"}, "division": {"enum": ["true", "floor", "mixed"]}},
    "required": ["encoding", "division"],
}


def estimate(module, conventions):
    return agent(
        f"Estimate the migration of {module}. The code assumes {conventions['encoding']} bytes and {conventions['division']} division. "
        'Reply as JSON: {"hours": 3.5, "blockers": ["..."]}',
        label=f"estimate {module}",
    )


async def main(args):
    conventions = await agent("Which byte encoding and which division does this code base assume?", schema=CONVENTIONS, critical=True)
    modules = args["modules"]
    replies = await parallel([estimate(m, conventions) for m in modules])
    hours = {m: r["hours"] for m, r in zip(modules, replies) if r}
    blocked = [m for m, r in zip(modules, replies) if r and r["blockers"]]
    log(f"{len(blocked)} blocked")
    return {"hours": hours, "total": sum(hours.values()), "blocked": blocked}
