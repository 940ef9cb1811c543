"""Forty interview tapes: transcribe, then write one line a tape for the archive card."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"tapes": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["tapes"],
}


async def main(args):
    tapes = args["tapes"]
    replies = await parallel([agent(f"Transcribe the tape {t}.", label=t) for t in tapes])
    texts = list(filter(None, replies))
    if not texts:
        log("no tape could be transcribed")
        return
    log(f"{len(texts)} of {len(tapes)} tapes were transcribed")
    lines = await parallel([agent(f"Write one line for the archive card.\n<transcript>{text}</transcript>", tools=[]) for text in texts])
    cards = []
    for position, line in enumerate(lines):
        if line is not None:
            cards.append({"tape": tapes[position], "line": line})
    return {"cards": cards, "failed": len(tapes) - len(texts)}
