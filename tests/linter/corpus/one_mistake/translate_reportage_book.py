"""Translate a reportage book from Ukrainian into English, chapter by chapter, in one house style."""

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {
        "chapters": {"type": "array", "items": {"type": "string"}, "maxItems": 24},
        "house": {"type": "string", "default": "plain British English"},
    },
    "required": ["chapters"],
}


async def render(number, path, style):
    prompt = (
        f"Translate chapter {number} from Ukrainian into English: {path}. "
        "Follow this style sheet: {style}. "
        "Leave names in the transliteration of the original."
    )
    return await agent(prompt, label=f"chapter {number}")


async def main(args):
    style = await agent(f"Write a style sheet of ten rules for {args['house']}, for a book of reportage.", critical=True)
    book = {}
    for number, path in enumerate(args["chapters"], 1):
        text = await render(number, path, style)
        if text is None:
            log(f"chapter {number} is missing")
            text = ""
        book[str(number)] = text
    return book
