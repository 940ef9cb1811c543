"""Codemod: move every listed component from class style to hooks, and count what changed."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"components": {"type": "array", "items": {"type": "string"}, "maxItems": 50}},
    "required": ["components"],
}
REPORT = {
    "type": "object",
    "properties": {"file": {"type": "string"}, "hooks": {"type": "integer"}},
    "required": ["file", "hooks"],
}
LINT = {"type": "object", "properties": {"warnings": {"type": "integer"}}, "required": ["warnings"]}


def convert(file):
    return lambda: agent(
        f"Convert the class component in {file} to hooks, in place, and run its tests.",
        schema=REPORT,
        tools=["read", "edit", "bash"],
        label=file,
    )


async def main(args):
    baseline = await agent("How many lint warnings does the project have right now?", schema=LINT, tools=["read"])
    reports = await parallel([convert(file) for file in args["components"]], limit=6)
    done = [r for r in reports if r]
    log(f"{len(done)} of {len(reports)} converted")
    return {"files": [r["file"] for r in done], "hooks": sum(r["hooks"] for r in done)}
