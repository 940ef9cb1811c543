"""Which promises of the mayor's speech were kept? Ask three sceptics each, then write a letter to the editor."""

from weft.primitives import agent, log, pipeline, synthesize, verify

ARGS = {"type": "object", "properties": {"speech": {"type": "string"}}, "required": ["speech"]}
PROMISES = {
    "type": "object",
    "properties": {
        "promises": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "year": {"type": "integer"}},
                "required": ["text", "year"],
            },
        }
    },
    "required": ["promises"],
}
LENSES = ["council minutes", "what stands there today", "the budget of that year"]


def in_words(promises):
    return [f"{p['year']}: {p['text']}" for p in promises]


async def test_kept(promise):
    verdict = await verify(f"Kept since {promise['year']}: {promise['text']}", lenses=LENSES, quorum=2)
    return {**promise, "kept": True} if verdict["survives"] else None


async def main(args):
    reply = await agent(f"All promises in the speech {args['speech']}", schema=PROMISES)
    promises = reply["promises"] if reply else []
    kept = [row for row in await pipeline(promises, test_kept) if row]
    log(f"{len(kept)} of {len(promises)} promises stood the test")
    letter = await synthesize(in_words(promises), "A letter to the editor that lists the promises that were kept.")
    return {"letter": letter, "kept": len(kept)}
