"""Bring the operating manual of the dialysis machine into plain language, complete, chapter by chapter."""

from weft.primitives import agent, log, parallel, phase, tool

ARGS = {"type": "object", "properties": {"folder": {"type": "string", "default": "manual/"}}}
OUTLINE = {
    "type": "object",
    "properties": {"terms": {"type": "array", "maxItems": 40, "items": {"type": "string"}}, "tone": {"type": "string"}},
    "required": ["terms", "tone"],
}
BOOK = {
    "type": "object",
    "properties": {
        "chapters": {
            "type": "array",
            "minItems": 1,
            "maxItems": 60,
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "plain": {"type": "string", "description": "The whole chapter in plain language, nothing left out."}},
                "required": ["path", "plain"],
            },
        }
    },
    "required": ["chapters"],
}


async def main(args):
    paths = (await tool("list_files", pattern=args["folder"]) or [])[:60]
    if not paths:
        return {"chapters": [], "untouched": []}
    phase("Prepare")
    readers = ["a nurse", "a patient", "a technician"]
    views = await parallel([agent(f"Read {paths[0]} as {r}: which terms must be explained, in which tone?", schema=OUTLINE, label=r) for r in readers])
    terms = sorted({term.strip() for view in views if view for term in view["terms"]})
    log(f"{len(terms)} terms to explain in {len(paths)} chapters")

    phase("Write")
    book = await agent(
        f"Read all of these chapters and give every one of them back complete in plain language: {', '.join(paths)}. Explain these terms where they first appear: {', '.join(terms)}.",
        schema=BOOK,
        max_tokens=16_000,
        critical=True,
        label="book",
    )
    done = {chapter["path"] for chapter in book["chapters"]}
    return {"chapters": book["chapters"], "untouched": [p for p in paths if p not in done]}
