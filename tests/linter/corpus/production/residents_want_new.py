"""What do residents want from the new park? Merge wishes that mean the same, then summarise."""

from weft.primitives import agent, critique, log, parallel, phase, semantic_dedup, synthesize, union

META = {"name": "park-wishes", "description": "Merge and summarise the wishes of residents"}

ARGS = {
    "type": "object",
    "properties": {
        "streets": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8},
    },
    "required": ["streets"],
}

WISHES = {
    "type": "object",
    "properties": {"wishes": {"type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 200}}},
    "required": ["wishes"],
}


async def main(args):
    """Collect, merge, and put together."""
    phase("Collect")
    replies = await parallel(
        [agent(f"Read the questionnaires from {street}. Which wishes do they state?", schema=WISHES, label=street) for street in args["streets"]]
    )
    wishes = union([reply["wishes"] if reply else None for reply in replies])
    if not wishes:
        return {"summary": None, "wishes": [], "streets_lost": len(replies.lost)}

    phase("Merge")
    distinct = await semantic_dedup(wishes, text=lambda wish: wish)
    log(f"{len(wishes)} wishes, {len(distinct)} distinct")

    phase("Put together")
    summary, gaps = await parallel(
        [
            synthesize(distinct, "Summarise what residents want, the frequent first.", fan_in=16),
            critique(distinct, "Which groups of residents are not heard in these wishes?"),
        ]
    )
    return {
        "summary": summary,
        "not_heard": gaps["missing"] if gaps else None,
        "wishes": list(distinct),
        "streets_lost": len(replies.lost),
    }
