"""Broaden a bibliography as long as the budget allows and a critic still sees gaps."""

from weft.primitives import Seen, agent, critique, log, parallel, phase, while_budget

META = {"name": "bibliography", "description": "Fill gaps of a bibliography within the budget"}

ARGS = {
    "type": "object",
    "properties": {"topic": {"type": "string"}},
    "required": ["topic"],
}

BUDGET = {"usd": 3.0}

WORKS = {
    "type": "object",
    "properties": {
        "works": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"doi": {"type": "string"}, "title": {"type": "string"}},
                "required": ["doi", "title"],
            },
        }
    },
    "required": ["works"],
}


async def main(args):
    """Search for what the critic misses; stop when it misses nothing, is lost, or money runs short."""
    topic = args["topic"]
    seen = Seen(key=lambda work: work["doi"].strip().lower())
    works = []
    gaps = [f"the standard works on {topic}"]
    loop = while_budget(reserve=0.2, max_rounds=6)
    for round in loop:
        phase(f"Round {round.number}")
        replies = await parallel(
            [agent(f"Find works on {topic} that fill this gap: {gap}", schema=WORKS, label=f"gap:{n}") for n, gap in enumerate(gaps[:5])]
        )
        fresh = seen.add(work for reply in replies if reply for work in reply["works"])
        round.found(fresh)
        works += fresh
        log(f"{len(fresh)} new works for {min(len(gaps), 5)} gaps")
        opinion = await critique([work["title"] for work in works], f"What is missing from a bibliography on {topic}?")
        if opinion is None or opinion["enough"] or not opinion["missing"]:
            break
        gaps = opinion["missing"]
    return {"works_as_found": works, "open_gaps": gaps[:5], "ended": loop.ended}
