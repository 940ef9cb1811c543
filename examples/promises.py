"""Which of these pages promise something that another page takes back?"""

from weft.primitives import agent, dedup, log, parallel, phase, pipeline, verify

ARGS = {
    "type": "object",
    "required": ["files"],
    "properties": {"files": {"type": "array", "items": {"type": "string"}}},
}
PROMISES = {
    "type": "object",
    "required": ["promises"],
    "properties": {
        "promises": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "required": ["statement", "source", "line"],
                "properties": {
                    "statement": {"type": "string"},
                    "source": {"type": "string"},
                    "line": {"type": "integer"},
                },
            },
        }
    },
}


async def check(promise):
    verdict = await verify(promise, lenses=["it stands there", "another page really says otherwise"], quorum=2)
    if verdict["outcome"] == "undecided":
        log(f"undecided: {promise['source']}:{promise['line']}")
    return promise if verdict["survives"] else None


async def main(args):
    phase("Read")
    replies = await parallel([agent(f"List the promises in {f}.", schema=PROMISES, label=f) for f in args["files"]])
    if None in replies:
        log(f"{replies.count(None)} files were not read")
    found = dedup([p for r in replies if r for p in r["promises"]], key=lambda p: (p["source"], p["line"]))
    phase("Verify")
    return [p for p in await pipeline(found, check) if p]
