"""Write the programme notes for a festival so that no two notes tell the same anecdote."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"pieces": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 40}},
    "required": ["pieces"],
}
NOTE = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "sources": {"type": "array", "maxItems": 4, "items": {"type": "string"}}},
    "required": ["text", "sources"],
}


async def first_draft(piece):
    return await agent(f"Draft a programme note of 150 words on {piece}.", label=f"draft:{piece}")


async def revise(piece, draft, everything):
    note = await agent(
        f"Revise the programme note on {piece} so that it repeats nothing from the other notes.\n"
        f"<note>{draft}</note>\n<all_notes>{everything}</all_notes>",
        schema=NOTE,
        label=f"revise:{piece}",
    )
    return {"piece": piece, **note} if note else {"piece": piece, "text": draft, "sources": []}


async def main(args):
    phase("Draft")
    drafts = await parallel([first_draft(p) for p in args["pieces"]])
    written = {p: d for p, d in zip(args["pieces"], drafts) if d}
    everything = "\n---\n".join(written.values())
    phase("Revise")
    notes = await parallel([revise(p, d, everything) for p, d in written.items()])
    return {
        "notes": [n for n in notes if n],
        "missing": [p for p in args["pieces"] if p not in written],
    }
