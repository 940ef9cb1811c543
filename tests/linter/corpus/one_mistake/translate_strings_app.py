"""Translate the strings of an app into several languages and check each translation."""

from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "properties": {
        "strings_file": {"type": "string"},
        "languages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 15},
    },
    "required": ["strings_file", "languages"],
}
REVIEW = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}, "problems": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["ok", "problems"],
}


async def translate(path, language):
    text = await agent(f"Translate every string of {path} into {language}. Keep the placeholders.", label=f"translate:{language}")
    if text is None:
        return {"language": language, "text": None, "problems": ["translation was lost"]}
    review = await agent(f"Check this {language} translation of {path} for broken placeholders:\n{text}", schema=REVIEW, label=f"review:{language}")
    if review is None:
        return {"language": language, "text": text, "problems": ["not reviewed"]}
    return {"language": language, "text": text, "problems": review["problems"]}


async def main(args):
    phase("Translate")
    done = []
    for language in args["languages"]:
        result = await translate(args["strings_file"], language)
        log(f"{language}: {len(result['problems'])} problems")
        done.append(result)
    return {"translations": done}
