"""A/B test of onboarding mails: every customer segment is assigned to a variant and gets its mail drafted."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"segments": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["segments"],
}
VARIANTS = ["short and factual", "with a customer story", "with a checklist"]


def bucketOf(segment):
    return VARIANTS[hash(segment) % len(VARIANTS)]


async def main(args):
    segments = args["segments"]
    drafts = await parallel(
        [agent(f"Draft the onboarding mail for {segment}, {bucketOf(segment)}.", label=f"mail:{segment}") for segment in segments]
    )
    return [{"segment": s, "variant": bucketOf(s), "mail": d} for s, d in zip(segments, drafts) if d]
