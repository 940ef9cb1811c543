"""Turn a thesis into a talk: one slide a section, the first section makes the title slide."""

from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"thesis": {"type": "string"}}, "required": ["thesis"]}
SECTIONS = {
    "type": "object",
    "properties": {
        "sections": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "first_page": {"type": "integer"}},
                "required": ["title", "first_page"],
            },
        }
    },
    "required": ["sections"],
}


def slide(thesis, section):
    return agent(f"Make a slide of {thesis} from page {section['first_page']} on: {section['title']}")


async def main(args):
    phase("Outline")
    outline = await agent(f"List the sections of {args['thesis']}.", schema=SECTIONS, critical=True)
    opening, *others = sorted(outline["sections"], key=lambda section: section["first_page"])
    phase("Slides")
    slides = await parallel([slide(args["thesis"], section) for section in others])
    return {"title": opening["title"], "slides": [text for text in slides if text]}
