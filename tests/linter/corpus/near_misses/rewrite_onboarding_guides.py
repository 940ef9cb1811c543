"""Rewrite the onboarding guides of our offices so that they agree on the common part."""

from weft.primitives import agent, parallel, phase, synthesize

ARGS = {
    "type": "object",
    "properties": {"offices": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 24}},
    "required": ["offices"],
}
GUIDE = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "differs": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["text", "differs"],
}


async def summarise(office):
    return await agent(f"Summarise in ten lines the onboarding guide of the {office} office.", label=f"summary:{office}")


async def main(args):
    phase("Read")
    summaries = await parallel([summarise(o) for o in args["offices"]])
    readable = [o for o, s in zip(args["offices"], summaries) if s]
    texts = [s for s in summaries if s]
    if len(texts) < 2:
        return {"guides": [], "common": None, "unread": [o for o in args["offices"] if o not in readable]}
    common = await synthesize(texts, "State in at most 20 lines what every office does in the first week.", fan_in=6)
    if common is None:
        return {"guides": [], "common": None, "unread": [o for o in args["offices"] if o not in readable]}

    phase("Rewrite")
    guides = await parallel([
        agent(
            f"Return a new onboarding guide for the {office} office as text; keep to the common part and list what differs.\n"
            f"<common>{common}</common>",
            schema=GUIDE,
            label=f"guide:{office}",
        )
        for office in readable
    ])
    return {
        "guides": [{"office": o, **g} for o, g in zip(readable, guides) if g],
        "common": common,
        "unread": [o for o in args["offices"] if o not in readable],
    }
