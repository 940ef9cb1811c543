"""Replace the deprecated date helpers in every service of the monorepo and say what still fails."""

from weft.primitives import agent, phase, pipeline, tool

ARGS = {
    "type": "object",
    "properties": {"services": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 16}},
    "required": ["services"],
}
SURVEY = {
    "type": "object",
    "properties": {
        "uses": {"type": "integer", "minimum": 0},
        "helpers": {"type": "array", "maxItems": 6, "items": {"type": "string"}},
    },
    "required": ["uses", "helpers"],
}
CHANGE = {
    "type": "object",
    "properties": {"files": {"type": "array", "maxItems": 40, "items": {"type": "string"}}, "tests_pass": {"type": "boolean"}},
    "required": ["files", "tests_pass"],
}


async def survey(service):
    return await agent(
        f"Count the uses of date_utils in services/{service} and list the helpers used. Change nothing.",
        schema=SURVEY,
        label=f"survey:{service}",
    )


def affected(found):
    return found if found["uses"] else None


async def migrate(found, service):
    change = await agent(
        f"In services/{service} replace {', '.join(found['helpers'])} from date_utils by their datelib counterparts, "
        f"edit shared/time.ts where a counterpart is missing, then run the tests.",
        schema=CHANGE,
        tools=["read", "edit", "bash"],
        label=f"migrate:{service}",
    )
    return {"service": service, "uses": found["uses"], **change} if change else None


async def main(args):
    phase("Migrate")
    changes = await pipeline(args["services"], survey, affected, migrate)
    left = await tool("grep", pattern="date_utils", path="services")
    done = [c for c in changes if c]
    return {"changes": done, "red": [c["service"] for c in done if not c["tests_pass"]], "left": left}
