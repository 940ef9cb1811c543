"""Port a C extension until its test suite is green, at most seven times."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"module": {"type": "string"}}, "required": ["module"]}
RUN = {
    "type": "object",
    "properties": {"failed": {"type": "integer", "minimum": 0}, "first_error": {"type": "string"}},
    "required": ["failed", "first_error"],
}


async def main(args):
    module, tries, last = args["module"], 0, "nothing has been compiled yet"
    while tries < 7:
        try:
            change = await agent(f"Port the C extension {module} to the stable ABI. Last error: {last}", tools=["read", "edit", "bash"])
            if change is None:
                last = "the previous attempt was lost"
                continue
            run = await agent(f"Build {module} and run its tests; count the failures.", schema=RUN, tools=["read", "bash"])
            if run is None:
                continue
            if run["failed"] == 0:
                return {"module": module, "green": True, "tries": tries + 1}
            last = run["first_error"]
        finally:
            tries += 1
            log(f"try {tries}: {last}")
    return {"module": module, "green": False, "last": last}
