"""Summarise field interviews about a dying dialect and describe its vowels."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "required": ["interviews"],
    "properties": {"interviews": {"type": "array", "items": {"type": "string"}, "maxItems": 90}},
}


async def main(args):
    phase("Listen")
    summaries = await parallel(
        [agent(f"Read interview {path}. Describe the vowels that the speaker uses, with examples.") for path in args["interviews"]]
    )
    kept = []
    for path, text in zip(args["interviews"], summaries):
        if text:
            kept.append(f"[{path}]\n{text}")
    log(f"{len(kept)} interviews could be read")
    if len(kept) < 3:
        return {"report": None, "read": len(kept)}
    phase("Describe")
    corpus = "\n\n".join(kept)
    report = await agent(
        "Describe the vowel system of this dialect. Note where speakers disagree.\n\n" + corpus,
        effort="high",
    )
    return {"report": report, "read": len(kept)}
