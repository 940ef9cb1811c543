"""Move a code base from unittest to pytest, module by module."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"modules": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["modules"],
}
PLAN = {
    "type": "object",
    "properties": {"fixtures": {"type": "array", "maxItems": 10, "items": {"type": "string"}}, "skip": {"type": "boolean"}},
    "required": ["fixtures", "skip"],
}


async def plan(module):
    reply = await agent(f"Which fixtures would {module} need under pytest? Skip what is generated.", schema=PLAN)
    return reply if reply and not reply["skip"] else None


async def migrate(reply, module):
    done = await agent(f"Migrate the test module {module} to pytest in place. Fixtures: {', '.join(reply['fixtures'])}")
    return {"module": module, "done": done} if done else None


async def main(args):
    moved = await pipeline(args["modules"], plan, migrate)
    return [one for one in moved if one]
