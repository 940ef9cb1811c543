"""Find calls in our code base that the new major version of the ORM breaks."""

from weft.primitives import agent, dedup, parallel, pipeline, verify

META = {"name": "orm-major", "description": "Breaking calls for an ORM upgrade"}
CALLS = {
    "type": "object",
    "properties": {
        "calls": {
            "type": "array",
            "maxItems": 7,
            "items": {
                "type": "object",
                "properties": {"file": {"type": "string"}, "line": {"type": "integer"}, "change": {"type": "string"}},
                "required": ["file", "line", "change"],
            },
        }
    },
    "required": ["calls"],
}
WAYS = {
    "changelog": "Go through the changelog and search the code for each removed name.",
    "types": "Read the new type stubs and search for calls that no longer fit.",
    "runtime": "Read the deprecation warnings of the last test run and find their calls.",
}


def search(way):
    return agent(f"{WAYS[way]} Name file, line and what changes.", schema=CALLS, label=way)


async def prove(reply):
    async def breaks(call):
        verdict = await verify(call, lenses=["run it against the new version", "is the branch dead", "does a shim exist"])
        return call if verdict["survives"] else None

    return await parallel([breaks(c) for c in reply["calls"]])


async def main(args):
    groups = await pipeline(sorted(WAYS), search, prove)
    broken = [c for group in groups if group for c in group if c]
    return {"broken": dedup(broken, key=lambda c: (c["file"], c["line"]))}
