"""Raise our shared packages to the new logging API, one at a time, and stop at the first that no longer builds."""

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {"packages": {"type": "array", "items": {"type": "string"}, "maxItems": 9}},
    "required": ["packages"],
}
BUILD = {
    "type": "object",
    "properties": {"green": {"type": "boolean"}, "first_error": {"type": "string"}},
    "required": ["green", "first_error"],
}


async def main(args):
    done = []
    for package in args["packages"]:
        phase(package)
        await agent(f"Migrate the package {package} to the new logging API and commit.", tools=["edit", "bash"], label=f"edit:{package}")
        build = await agent(f"Build {package} and report the first error.", schema=BUILD, tools=["bash"], label=f"build:{package}")
        if build is None or not build["green"]:
            error = build["first_error"] if build else "the build agent was lost"
            advice = await agent(f"{package} does not build: <error>{error}</error>. Say what a person should look at.", tools=[])
            return {"done": done, "stopped_at": package, "advice": advice}
        done.append(package)
    return {"done": done, "stopped_at": None, "advice": None}
