"""Write the blurb of a novel from what happens in its chapters."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {
        "chapters": {"type": "array", "maxItems": 35, "items": {"type": "string"}},
        "words": {"type": "integer", "default": 120},
    },
    "required": ["chapters"],
}


def glue(names, texts):
    book = ""
    number = 0
    for name, text in zip(names, texts):
        number += 1
        if text is None:
            text = "(could not be read)"
        book += f"## {number}. {name}\n{text}\n\n"
    return book


async def retell(chapter):
    return await agent(f"Retell chapter {chapter} of the manuscript on one page.", label=chapter)


async def main(args):
    chapters = args["chapters"]
    texts = await parallel([retell(chapter) for chapter in chapters])
    lost = sum(1 for text in texts if text is None)
    log(f"{lost} chapters lost")
    book = glue(chapters, texts)
    blurb = await agent(f"Write a blurb of {args['words']} words, without the ending, for this novel:\n{book}")
    return {"blurb": blurb, "lost": lost}
