"""Verify tips for home electricians before they go into a newsletter."""

from weft.primitives import agent, log, parallel, phase, pipeline, verify

META = {"name": "wiring-tips", "description": "Only verified tips go into the newsletter"}

ARGS = {
    "type": "object",
    "properties": {
        "topics": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10},
    },
    "required": ["topics"],
}

TIPS = {
    "type": "object",
    "properties": {
        "tips": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"tip": {"type": "string"}, "source": {"type": "string"}},
                "required": ["tip", "source"],
            },
        }
    },
    "required": ["tips"],
}

LENSES = [
    "the electrical code allows it",
    "a layperson can do it without danger",
    "an insurer would still pay after a fire",
]


async def check(tip):
    """A tip is good when the skeptics let it pass."""
    verdict = await verify(tip, lenses=LENSES, quorum=1, veto=False)
    return tip if verdict["survives"] else None


async def main(args):
    phase("Collect")
    replies = await parallel([agent(f"Collect tips on {topic} for home owners.", schema=TIPS, label=topic) for topic in args["topics"]])

    phase("Verify")
    tips = []
    for reply in replies:
        if not reply:
            continue
        tips += [tip for tip in await pipeline(reply["tips"], check) if tip]
    log(f"{len(tips)} tips verified")

    phase("Newsletter")
    if not tips:
        return {"newsletter": None, "tips": []}
    newsletter = await agent(f"Write a newsletter from these verified tips: {tips}", label="newsletter")
    return {"newsletter": newsletter, "tips": tips}
