"""Move a code base from one logging library to another."""

from dataclasses import dataclass

from weft.primitives import agent, parallel, phase, tool

ARGS = {
    "type": "object",
    "properties": {"old": {"type": "string"}, "new": {"type": "string"}},
    "required": ["old", "new"],
}
DONE = {
    "type": "object",
    "properties": {"changed": {"type": "boolean"}, "doubts": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["changed", "doubts"],
}


@dataclass(frozen=True)
class Migration:
    old: str
    new: str
    most: int = 40

    async def files(self):
        hits = await tool("search_text", query=f"import {self.old}", path=".py") or []
        return list(dict.fromkeys(hit["source"] for hit in hits))[: self.most]

    def move(self, path):
        return agent(
            f"Replace {self.old} by {self.new} in {path}, and in the shared logging setup where {path} needs it.",
            schema=DONE,
            tools=["read_file", "edit_file", "run_tests"],
            on_interrupt="ask",
            label=f"move:{path}",
        )

    async def run(self):
        paths = await self.files()
        phase(f"Move {len(paths)} files")
        replies = await parallel([self.move(path) for path in paths])
        return {
            "changed": [path for path, reply in zip(paths, replies) if reply and reply["changed"]],
            "doubts": [f"{path}: {doubt}" for path, reply in zip(paths, replies) if reply for doubt in reply["doubts"]],
        }


async def main(args):
    return await Migration(args["old"], args["new"]).run()
