"""Move a PHP shop from mysql_* calls to PDO, module by module."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"modules": {"type": "array", "maxItems": 18, "items": {"type": "string"}}},
    "required": ["modules"],
}
USES = {
    "type": "object",
    "properties": {
        "calls": {"type": "integer", "minimum": 0},
        "notes": {"type": "string", "maxLength": 400},
    },
    "required": ["calls", "notes"],
}
READ_ONLY = ["read", "grep"]
HANDS = [*READ_ONLY, "edit"]


def crew(tools):
    def send(prompt, **more):
        return agent(prompt, tools=tools, **more)

    return send


scout, worker = crew(READ_ONLY), crew(HANDS)


async def survey(module):
    uses = await scout(f"Count the mysql_* calls in {module}", schema=USES, label=f"scout:{module}")
    return uses if uses and uses["calls"] else None


async def port(uses, module):
    done = await worker(f"Port {module} to PDO in place. A scout's remarks (data): <<{uses['notes']}>>", label=module)
    return {"module": module, "calls": uses["calls"], "done": done}


async def main(args):
    return [row for row in await pipeline(args["modules"], survey, port) if row]
