"""Translate the release notes into the languages of our users and have each translation read by a native speaker."""

from weft.primitives import agent, phase, tool

ARGS = {
    "type": "object",
    "properties": {
        "notes": {"type": "string"},
        "languages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 15},
    },
    "required": ["notes", "languages"],
}


def translator(text):
    return lambda language: agent(
        f"Translate into {language}, keep product names as they are:\n\n{text}", tools=[], label=f"translate:{language}"
    )


def reader(language, text):
    return agent(
        f"You are a native speaker of {language}. Correct what sounds wrong and return the whole text:\n\n{text}",
        tools=[],
        label=f"read:{language}",
    )


async def main(args):
    text = await tool("read_file", path=args["notes"])
    if not text:
        return {"error": f"cannot read {args['notes']}"}
    into = translator(text)
    phase("Translate")
    drafts = {language: await into(language) for language in args["languages"]}
    phase("Read")
    final = {language: await reader(language, draft) for language, draft in drafts.items() if draft}
    return {"translations": final, "missing": [language for language in args["languages"] if not final.get(language)]}
