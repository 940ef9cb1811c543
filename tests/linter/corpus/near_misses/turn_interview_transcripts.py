"""Turn interview transcripts into user stories in the exact format that the ticket importer wants."""
from string import Template

from weft.primitives import agent, log, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"transcripts": {"type": "array", "items": {"type": "string"}, "maxItems": 15}, "product": {"type": "string"}},
    "required": ["transcripts", "product"],
}
STORY = {
    "type": "object",
    "properties": {
        "role": {"type": "string"},
        "wish": {"type": "string"},
        "benefit": {"type": "string"},
        "points": {"type": "integer", "minimum": 1, "maximum": 13},
    },
    "required": ["role", "wish", "benefit", "points"],
}
SHAPE = 'Answer in this shape: {"role": "...", "wish": "...", "benefit": "...", "points": 3}. '
PLACEHOLDERS = "Write names as {{customer}} and {{city}}; the importer fills them in. "
REVIEW = Template("Read the story of a $role who wants $wish. Is $points points right? Answer with a sentence.")


async def story(transcript, product):
    return await agent(
        "Transcript {transcript} is about {topic}: what is the one story that matters most? ".format(transcript=transcript, topic=product)
        + SHAPE
        + PLACEHOLDERS,
        schema=STORY,
        label=f"story:{transcript}",
    )


async def review(draft, transcript):
    remark = await agent(REVIEW.substitute(draft), label=f"review:{transcript}")
    return {"transcript": transcript, **draft, "remark": remark}


async def main(args):
    product = args["product"]
    phase("Stories")
    stories = await pipeline(args["transcripts"], lambda transcript: story(transcript, product), review)
    done = [s for s in stories if s]
    log(f"{len(done)} stories, {sum(s['points'] for s in done)} points")
    return {
        "stories": sorted(done, key=lambda s: (s["points"], s["transcript"])),
        "without_remark": [s["transcript"] for s in done if not s["remark"]],
        "failed": [t for t, s in zip(args["transcripts"], stories) if s is None],
    }
