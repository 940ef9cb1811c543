"""Collect every customer complaint about delivery from the call transcripts, and group them."""

from weft.primitives import Seen, agent, log, parallel, phase, until_dry

META = {"name": "complaints", "description": "Sweep call transcripts for delivery complaints"}

ARGS = {
    "type": "object",
    "properties": {
        "transcripts": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 20},
        "theme": {"type": "string", "default": "delivery"},
    },
    "required": ["transcripts"],
}

COMPLAINTS = {
    "type": "object",
    "properties": {
        "complaints": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {
                    "call": {"type": "string"},
                    "minute": {"type": "integer"},
                    "about": {"enum": ["late", "damaged", "wrong item", "rude driver", "other"]},
                },
                "required": ["call", "minute", "about"],
            },
        }
    },
    "required": ["complaints"],
}


async def main(args):
    theme = args.get("theme", "delivery")
    seen = Seen(key=lambda c: (c["call"], c["minute"]))
    rows = []

    for round in until_dry(max_rounds=5, patience=1):
        phase(f"Round {round.number}")
        known = [f"{row['call']} at minute {row['minute']}" for row in rows]
        calls = []
        for transcript in args["transcripts"]:
            prompt = (
                f"Read {transcript} and list complaints about {theme}.\n"
                f"These are known already, leave them out: {known}"
            )
            calls.append(agent(prompt, schema=COMPLAINTS, label=f"read:{transcript}"))
        replies = await parallel(calls)

        found = []
        for reply in replies:
            if reply is None:
                continue
            found.extend(reply["complaints"])
        round.found(found)

        fresh = seen.add(found)
        rows.extend(fresh)
        log(f"round {round.number}: {len(found)} told, {len(fresh)} of them new")

    groups = {}
    for row in rows:
        groups.setdefault(row["about"], []).append(row)

    phase("Summary")
    counts = {about: len(group) for about, group in sorted(groups.items())}
    summary = await agent(f"Two sentences for the shift lead on these counts of unverified complaints: {counts}", label="summary")
    return {"groups": groups, "counts": counts, "summary": summary}
