"""Write a style sheet for every language that the submitted subtitles use and that has none yet."""
from collections import defaultdict

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string"}, "maxItems": 70},
        "existing": {"type": "array", "items": {"type": "string"}, "maxItems": 70},
    },
    "required": ["files", "existing"],
}
SUBTITLE = {
    "type": "object",
    "properties": {
        "language": {"type": "string", "maxLength": 40},
        "reading_speed": {"type": "integer"},
        "italics": {"type": "boolean"},
    },
    "required": ["language", "reading_speed", "italics"],
}


async def inspect(path):
    return path, await agent(f"Inspect subtitle file {path}: language, characters per second, italics.", schema=SUBTITLE, label=path)


def describe(samples):
    speeds = [s["reading_speed"] for s in samples]
    return f"{len(samples)} files, {min(speeds)}-{max(speeds)} characters per second, italics in {sum(s['italics'] for s in samples)}"


async def write_sheet(language, samples):
    sheet = await agent(f"Write a subtitle style sheet for {language}. What we have: {describe(samples)}.", label=f"sheet:{language}")
    return {"language": language, "sheet": sheet, "files": len(samples)}


async def main(args):
    by_language = defaultdict(list)
    for item in await parallel([inspect(path) for path in args["files"]]):
        if item and item[1]:
            by_language[item[1]["language"].casefold()].append(item[1])
    wanted = by_language.keys() - set(args["existing"])
    log(f"{len(wanted)} languages lack a style sheet")
    sheets = await parallel([write_sheet(language, by_language[language]) for language in wanted])
    return {"sheets": [s for s in sheets if s and s["sheet"]], "languages": len(by_language)}
