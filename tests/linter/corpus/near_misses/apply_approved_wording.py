"""Apply the approved wording changes to the shared terms document, one after the other, and proofread copies."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"changes": {"type": "array", "items": {"type": "string"}, "maxItems": 12}},
    "required": ["changes"],
}
LANGS = ["de", "fr", "it"]


async def main(args):
    applied = 0
    for change in args["changes"]:
        done = await agent(f"Edit legal/terms.md in place: {change}. Keep the numbering.", tools=["read", "edit"])
        if done:
            applied += 1
        else:
            log(f"not applied: {change}")
    hints = await parallel(
        [agent(f"How would you fix the {lang} translation of legal/terms.md? List the passages; do not change any file.", tools=["read"]) for lang in LANGS]
    )
    return {"applied": applied, "hints": {lang: h for lang, h in zip(LANGS, hints) if h}}
