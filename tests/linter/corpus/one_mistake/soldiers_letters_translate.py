"""Soldiers' letters of 1916: translate each and flag the ones whose reading is doubtful."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"letters": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["letters"],
}
DRAFT = {
    "type": "object",
    "properties": {"english": {"type": "string"}, "rationale": {"type": "string"}},
    "required": ["english", "rationale"],
}
REVIEW = {
    "type": "object",
    "properties": {"faithful": {"type": "boolean"}, "doubt": {"type": "string"}},
    "required": ["faithful"],
}


async def translate(letter):
    draft = await agent(f"Transcribe and translate the letter {letter}; explain your readings.", schema=DRAFT, label=letter)
    return {"letter": letter, **draft} if draft else None


async def review(draft):
    verdict = await agent(
        f"You translated the letter {draft['letter']} as «{draft['english']}», for these reasons: {draft['rationale']}. Is that faithful?",
        schema=REVIEW,
        label=f"review:{draft['letter']}",
    )
    if verdict is None:
        return {**draft, "state": "unreviewed"}
    state = "faithful" if verdict["faithful"] else f"doubtful: {verdict['doubt'].strip()}"
    return {**draft, "state": state}


async def main(args):
    done = await pipeline(args["letters"], translate, review)
    return {"letters": [d for d in done if d], "lost": len(done.lost)}
