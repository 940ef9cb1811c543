"""Bring the documentation of a library up to date, one agent for each part."""

from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"version": {"type": "string"}}, "required": ["version"]}
WRITER = {"tools": ["read_file", "edit_file"], "effort": "medium", "timeout": 900}
PARTS = {
    "tutorial": "the tutorial and its code blocks",
    "reference": "the reference pages of the public names",
    "changelog": "the list of changes",
    "links": "the links between all of these pages",
}


async def main(args):
    phase("Write")
    told = await parallel(
        [agent(f"Bring {what} up to version {args['version']}.", label=part, **WRITER) for part, what in PARTS.items()]
    )
    return {part: words for part, words in zip(PARTS, told) if words}
