"""Upgrade services in waves; stop as soon as a wave breaks too much."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"services": {"type": "array", "items": {"type": "string"}, "maxItems": 48}},
    "required": ["services"],
}
OUTCOME = {
    "type": "object",
    "properties": {"green": {"type": "boolean"}, "broken_tests": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["green", "broken_tests"],
}


def upgrade(service):
    return agent(
        f"Upgrade {service} to the new HTTP client and run its tests.", schema=OUTCOME, tools=["read", "edit", "bash"], isolation="worktree"
    )


async def main(args):
    todo, report = list(args["services"]), {}
    size = 2
    while todo:
        wave, todo = todo[:size], todo[size:]
        outcomes = await parallel([upgrade(s) for s in wave])
        broken = [s for s, o in zip(wave, outcomes) if o is None or not o["result"]["green"]]
        report.update((s, s not in broken) for s in wave)
        if len(broken) * 2 > len(wave):
            log(f"stopping: {len(broken)} of {len(wave)} broke")
            break
        size = min(size * 2, 16)
    return {"upgraded": report, "untouched": todo}
