"""Translate the interface strings of the ferry booking app into every language that we sell in."""

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {
        "languages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6},
        "keys": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 80},
    },
    "required": ["languages", "keys"],
}


async def translate_all(keys, language):
    table = {}
    for key in keys:
        text = await agent(
            f"Look up the string {key!r} in strings/en.json and translate it into {language}. Answer with the translation alone.",
            tools=["read_file"],
            label=f"{language}:{key}",
        )
        table = {**table, key: text}
    return table


async def main(args):
    tables = {}
    for language in args["languages"]:
        tables[language] = await translate_all(args["keys"], language)
        log(f"{language} is done")

    missing = [
        {"language": language, "key": key}
        for language, table in tables.items()
        for key, text in table.items()
        if not text
    ]
    return {"tables": tables, "missing": missing}
