"""Map a codebase: what is where, and what stands on what? A tree of agents merges notes on all files into one map.

Use it on code that is new to you and larger than one context: each agent reads a few files, and no prompt receives
everything. What uses what is counted from the notes, not told by a model.

Not for finding defects (code-review, bug-hunt), and not for a handful of files, which one agent describes as well.
"""

from collections import Counter

from weft.primitives import agent, dedup, parallel, phase, synthesize, tool, understood

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    },
}

MOST, BATCH = 400, 5


def notes_on(batch, files):
    """Return what a reader of a few files answers: a note on each under its number; a name could be misspelt."""
    note = {
        "type": "object",
        "properties": {
            "purpose": {"type": "string", "description": "What it is for, in one sentence"},
            "offers": {"type": "string", "description": "What others call in it, by name"},
            "uses": {
                "type": "array",
                "maxItems": 20,
                "description": "Numbers of the files of this codebase that it uses",
                "items": {"type": "integer", "minimum": 1, "maximum": len(files)},
            },
        },
        "required": ["purpose", "offers", "uses"],
    }
    numbers = [str(number) for number in range(1, len(batch) + 1)]
    return {"type": "object", "properties": dict.fromkeys(numbers, note), "required": numbers}


async def read(batch, files):
    """Return a note on each of a few files; `None` where the reader is lost."""
    listed = "\n".join(f"{number}. {file}" for number, file in enumerate(batch, start=1))
    reply = await agent(
        f"Read these files, each whole, and write a note on each, under its number here.\n{listed}",
        schema=notes_on(batch, files),
        context={"files of this codebase": {str(number): file for number, file in enumerate(files, start=1)}},
        label=f"read:{batch[0]}",
    )
    return reply and [{"file": file, **reply[str(number)]} for number, file in enumerate(batch, start=1)]


async def main(args):
    there = sorted(dedup(args.get("files") or await tool("list_files") or []))
    files = there[:MOST]
    understood(len(files), len(there), hint=f"{MOST} at most are looked at: name those that count")
    phase("Read")
    batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
    replies = await parallel([read(batch, files) for batch in batches])
    notes = [note for reply in replies if reply for note in reply]

    phase("Map")
    told = {note["file"]: f"{note['file']}: {note['purpose']} Offers: {note['offers']}" for note in notes}
    whole = notes and await synthesize(
        [told.get(file) for file in files],  # with those that are missing, so that the map says so
        "Describe this part of a codebase for somebody new: what it is for, what stands on what, where to begin to "
        "read. Name files; leave out what the notes do not say.",
    )
    pairs = {(note["file"], files[number - 1]) for note in notes for number in note["uses"]}
    used = Counter(uses for file, uses in sorted(pairs) if uses != file)
    partly = None in replies or any(note["uses"].full for note in notes)  # nobody knows then what is used by none
    return {
        "map": whole or None,
        "most_used": [{"file": file, "by": count} for file, count in used.most_common(10)],
        "used_by_none": None if partly else [note["file"] for note in notes if note["file"] not in used],
        "notes": [{name: note[name] for name in ("file", "purpose", "offers")} for note in notes],
        "not_read": [file for file in files if file not in told],
        "files_left_out": len(there) - len(files),
    }
