"""Rewrite the deprecated SQL of a repository, one agent for each file, and open one change."""

from weft.primitives import agent, log, parallel, phase, tool

ARGS = {
    "type": "object",
    "properties": {"dialect": {"type": "string", "default": "postgres"}, "files": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["files"],
}
DONE = {
    "type": "object",
    "properties": {"changed": {"type": "boolean"}, "statements": {"type": "integer"}},
    "required": ["changed", "statements"],
}


def job(path, dialect):
    return agent(
        f"Rewrite deprecated {dialect} SQL in {path}, and in every file that shares its views. Save the files.",
        schema=DONE,
        tools=["read_file", "write_file"],
        label=f"rewrite:{path}",
    )


async def main(args):
    phase("Rewrite")
    done = await parallel([job(path, args["dialect"]) for path in args["files"]])
    changed = {path: reply["statements"] for path, reply in zip(args["files"], done) if reply and reply["changed"]}
    lost = [path for path, reply in zip(args["files"], done) if reply is None]
    log(f"{sum(changed.values())} statements in {len(changed)} files, {len(lost)} lost")
    phase("Describe")
    text = await agent(f"Write the description of a change that rewrites SQL in: {', '.join(changed)}", tools=[], label="describe") if changed else None
    return {"changed": changed, "lost": lost, "description": text}
