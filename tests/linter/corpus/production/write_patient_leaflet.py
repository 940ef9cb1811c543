"""Write a patient leaflet that a critic finds easy to understand."""

from weft.primitives import agent, log, phase

META = {"name": "leaflet-writer", "description": "Draft and revise a patient leaflet"}

ARGS = {
    "type": "object",
    "properties": {"medicine": {"type": "string"}},
    "required": ["medicine"],
}

REVIEW = {
    "type": "object",
    "properties": {
        "easy": {"type": "boolean"},
        "hard_passages": {"type": "array", "maxItems": 8, "items": {"type": "string"}},
    },
    "required": ["easy", "hard_passages"],
}


async def main(args):
    """Draft, review, revise."""
    phase("Draft")
    text = await agent(f"Write a leaflet for patients who take {args['medicine']}.", label="draft", critical=True)

    phase("Review")
    while True:
        review = await agent(
            f"Would a person who left school at 15 understand this? Quote what is hard.\n\n{text}",
            schema=REVIEW,
            label="review",
        )
        if review and review["easy"]:
            break
        hard = review["hard_passages"] if review else []
        log(f"{len(hard)} hard passages")
        text = await agent(
            f"Revise this leaflet. Make these passages easy: {hard}\n\n{text}",
            label="revise",
            critical=True,
        )

    return {"leaflet": text}
