"""Keep the release notes that the patches really support."""

from itertools import compress

from weft.primitives import parallel, verify

ARGS = {
    "type": "object",
    "required": ["patches"],
    "properties": {
        "patches": {
            "type": "array",
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["file", "note"],
                "properties": {"file": {"type": "string"}, "note": {"type": "string"}},
            },
        }
    },
}
LENSES = ("the diff does what the note says", "a test covers it", "the behaviour is visible to users")


def statement(patch):
    return {"statement": patch["note"], "file": patch["file"]}


async def main(args):
    verdicts = await parallel([verify(statement(p), lenses=list(LENSES), quorum=2) for p in args["patches"]])
    kept = list(compress(args["patches"], verdicts))
    return {"notes": [p["note"] for p in kept], "dropped": len(args["patches"]) - len(kept)}
