"""Find deprecated API calls in a code base until a round brings nothing new."""

from weft.primitives import agent, log, parallel, pipeline, verify

META = {"name": "deprecated", "description": "Loop over finders for deprecated calls"}
ARGS = {
    "type": "object",
    "properties": {"dirs": {"type": "array", "items": {"type": "string"}, "maxItems": 8}},
    "required": ["dirs"],
}
CALLS = {
    "type": "object",
    "properties": {
        "calls": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"file": {"type": "string"}, "line": {"type": "integer"}, "api": {"type": "string"}},
                "required": ["file", "line", "api"],
            },
        }
    },
    "required": ["calls"],
}
key = lambda c: (c["file"], c["line"], c["api"])  # noqa: E731


async def real(call):
    verdict = await verify(call, lenses=["the call is there", "the changelog deprecates it"], quorum=2)
    return call if verdict["survives"] else None


async def main(args):
    kept, rounds = {}, 0
    while rounds < 6:
        rounds += 1
        found = await parallel(
            [agent(f"Deprecated calls under {d}, not these: {list(kept)}", schema=CALLS, label=d) for d in args["dirs"]]
        )
        fresh = {key(c): c for r in found if r for c in r["calls"] if key(c) not in kept}
        if not fresh:
            break
        kept |= {key(c): c for c in await pipeline(list(fresh.values()), real) if c}
        log(f"round {rounds}: {len(fresh)} to check, {len(kept)} kept")
    return list(kept.values())
