"""Modernise the modules of a code base, one agent per module."""

from weft.primitives import agent, log, parallel, phase

META = {"name": "modernise", "description": "Let agents edit modules and fix shared imports"}

ARGS = {
    "type": "object",
    "properties": {
        "modules": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 16},
    },
    "required": ["modules"],
}

CHANGE = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "maxItems": 30, "items": {"type": "string"}},
        "note": {"type": "string"},
    },
    "required": ["files", "note"],
}


async def main(args):
    """All modules at the same time, then the tests."""
    phase("Edit")
    changes = await parallel(
        [
            agent(
                f"Modernise {module}: type hints, f-strings, pathlib. Also adapt every caller in other modules.",
                schema=CHANGE,
                tools=["read_file", "write_file", "run_command"],
                label=f"edit:{module}",
            )
            for module in args["modules"]
        ]
    )
    touched = sorted({path for change in changes if change for path in change["files"]})
    log(f"{len(touched)} files touched")

    phase("Test")
    outcome = await agent(
        f"Run the test suite and say which of these files break it: {touched}",
        tools=["read_file", "run_command"],
        label="test",
    )
    return {"touched": touched, "tests": outcome, "lost": len(changes.lost)}
