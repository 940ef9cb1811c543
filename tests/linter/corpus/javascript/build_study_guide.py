"""Build a study guide on beekeeping as a tree of topics, each explained in a paragraph."""

from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"subject": {"type": "string", "default": "beekeeping"}}}
TOPIC = {
    "type": "object",
    "properties": {
        "paragraph": {"type": "string", "maxLength": 1200},
        "subtopics": {"type": "array", "maxItems": 4, "items": {"type": "string"}},
    },
    "required": ["paragraph", "subtopics"],
}


async def expand(topic, path=()):
    trail = [*path, topic]
    node = await agent(
        f"Explain {topic!r} in one paragraph for a beginner (it stands under {' > '.join(trail)}), and name the subtopics that need a page of their own; none if it is simple.",
        schema=TOPIC,
        label=topic,
    )
    if not node:
        return {"topic": topic, "paragraph": None, "children": []}
    if not node["subtopics"]:
        return {"topic": topic, "paragraph": node["paragraph"], "children": []}
    children = await parallel([expand(sub, trail) for sub in node["subtopics"]])
    return {"topic": topic, "paragraph": node["paragraph"], "children": [c for c in children if c]}


async def main(args):
    phase("Expand")
    return await expand(args["subject"])
