"""Exercise sheets for a statistics course: a brief for each topic, then the sheet."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {
        "topics": {"type": "array", "maxItems": 6, "items": {"type": "string"}},
        "language": {"type": "string", "default": "French"},
    },
    "required": ["topics"],
}


def compose(*parts):
    return "\n\n".join(part.strip() for part in parts if part)


async def main(args):
    closing = f"Answer in {args['language']}, six exercises, solutions at the end."

    async def brief(topic):
        return await agent(f"Describe what an exercise sheet on {topic} must train, for students of biology.")

    async def sheet(wanted, topic):
        prompt = compose(wanted, closing)
        text = await agent(prompt, label=f"sheet:{topic}")
        return {"topic": topic, "sheet": text} if text else None

    sheets = await pipeline(args["topics"], brief, sheet)
    return {"sheets": [row for row in sheets if row]}
