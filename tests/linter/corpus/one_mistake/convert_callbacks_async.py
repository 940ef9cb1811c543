"""Convert callbacks to async functions, but only where a test covers them."""

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"files": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["files"],
}
COVER = {
    "type": "object",
    "properties": {"covered": {"type": "boolean"}, "tests": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["covered", "tests"],
}
CONVERTED = {"type": "object", "properties": {"functions": {"type": "integer"}}, "required": ["functions"]}


class Converter:
    def __init__(self):
        self.skipped = 0

    async def covered(self, path):
        reply = await agent(f"Which tests run the callbacks in {path}?", schema=COVER, tools=["read", "search"])
        return bool(reply) and reply["covered"]

    async def convert(self, path):
        if not self.covered(path):
            self.skipped += 1
            return None
        change = await agent(
            f"Convert the callbacks in {path} to async functions, in place.", schema=CONVERTED, tools=["edit"]
        )
        return {"path": path, "functions": change["functions"]} if change else None


async def main(args):
    converter = Converter()
    changed = [c for c in await pipeline(args["files"], converter.convert) if c]
    log(f"{converter.skipped} without a test")
    return {"changed": changed, "skipped": converter.skipped}
