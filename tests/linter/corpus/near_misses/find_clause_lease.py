"""Find every clause of this lease portfolio that lets the landlord raise the rent, until nothing new turns up."""

from weft.primitives import Seen, agent, finding, parallel, phase, pipeline, synthesize, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {"folder": {"type": "string"}},
    "required": ["folder"],
}
CLAUSES = {
    "type": "object",
    "properties": {
        "clauses": {"type": "array", "maxItems": 4, "items": {
            "type": "object",
            "properties": {
                "lease": {"type": "string"},
                "paragraph": {"type": "string"},
                "mechanism": {"enum": ["index", "step", "review", "turnover", "other"]},
                "wording": {"type": "string"},
            },
            "required": ["lease", "paragraph", "mechanism", "wording"]}},
    },
    "required": ["clauses"],
}
ANGLES = ["indexation and inflation wording", "stepped or staged rent", "reviews that the landlord alone may start"]
LENSES = ["the paragraph stands in the lease", "it really permits an increase", "no later amendment deletes it"]


async def examine(clause):
    verdict = await verify(clause, lenses=LENSES, quorum=2)
    if verdict["outcome"] == "refuted":
        return None
    finding({"lease": clause["lease"], "paragraph": clause["paragraph"], "outcome": verdict["outcome"]})
    return {**clause, "outcome": verdict["outcome"]}


async def main(args):
    seen = Seen(key=lambda c: (c["lease"].casefold(), c["paragraph"].strip()))
    held = []
    loop = until_dry(max_rounds=5, patience=2)
    for turn in loop:
        phase(f"Search {turn.number}")
        known = sorted({f"{c['lease']} {c['paragraph']}" for c in held})
        replies = await parallel([
            agent(
                f"Search the leases under {args['folder']} for {angle}. Pass over: {'; '.join(known) or 'nothing yet'}.",
                schema=CLAUSES,
                label=f"search:{turn.number}:{angle}",
            )
            for angle in ANGLES
        ])
        fresh = seen.add(c for reply in replies if reply for c in reply["clauses"])
        turn.found(fresh)
        phase(f"Examine {turn.number}")
        held += [c for c in await pipeline(fresh, examine) if c]
    confirmed = [c for c in held if c["outcome"] == "survives"]
    open_points = [c for c in held if c["outcome"] == "undecided"]
    if not confirmed:
        return {"summary": None, "confirmed": [], "undecided": open_points, "looked_at": len(seen), "ended": loop.ended}
    summary = await synthesize(
        [f"{c['lease']} {c['paragraph']} ({c['mechanism']})" for c in confirmed],
        "Summarise the exposure to rent increases by mechanism.",
        fan_in=8,
    )
    return {"summary": summary, "confirmed": confirmed, "undecided": open_points, "looked_at": len(seen), "ended": loop.ended}
