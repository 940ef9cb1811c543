"""Shortlist photo contest entries by a panel of three editors."""

from weft.primitives import agent, log, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"entries": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["entries"],
}
BALLOT = {
    "type": "object",
    "properties": {"shortlist": {"type": "boolean"}, "because": {"type": "string"}},
    "required": ["shortlist", "because"],
}
PANEL = {
    "light": "how light and shadow are used",
    "story": "what the picture tells",
    "craft": "sharpness, framing and print",
}


async def ask_panel(entry):
    return await parallel(
        [agent(f"Open photo {entry}. Shortlist it? Judge {view} only.", schema=BALLOT) for view in PANEL.values()]
    )


async def consider(entry):
    ballots = [ballot for ballot in await ask_panel(entry) if ballot]
    yes = len([ballot for ballot in ballots if ballot["shortlist"]])
    passed = yes > len(PANEL)
    return {"entry": entry, "yes": yes, "notes": [b["because"] for b in ballots]} if passed else None


async def main(args):
    shortlist = [row for row in await pipeline(args["entries"], consider) if row]
    log(f"{len(shortlist)} of {len(args['entries'])} shortlisted")
    return sorted(shortlist, key=lambda row: (-row["yes"], row["entry"]))
