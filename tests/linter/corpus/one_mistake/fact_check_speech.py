"""Fact-check a speech and write the note for the desk."""

from itertools import compress

from weft.primitives import agent, parallel, synthesize, verify

ARGS = {"type": "object", "properties": {"speech": {"type": "string"}}, "required": ["speech"]}
STATEMENTS = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"quote": {"type": "string"}, "about": {"type": "string"}},
                "required": ["quote", "about"],
            },
        }
    },
    "required": ["statements"],
}
LENSES = ["official statistics", "the wording at the time", "what was left out"]


async def main(args):
    listed = await agent(f"List the checkable statements in {args['speech']}.", schema=STATEMENTS)
    if not listed:
        return {"note": None}
    statements = listed["statements"]
    verdicts = await parallel([verify(s, lenses=LENSES, quorum=2) for s in statements])
    held = list(compress(statements, [bool(v) and v["survives"] for v in verdicts]))
    note = await synthesize(
        [f"{s['about']}: {s['quote']}" for s in statements],
        f"Write the desk note on the statements that were confirmed ({len(held)} of {len(statements)}).",
    )
    return {"note": note, "confirmed": len(held)}
