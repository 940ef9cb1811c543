"""Translate the safety notices of a ski lift into three languages."""
from weft.primitives import agent, parallel, phase

META = {"name": "lift-notices", "description": "Safety notices of a ski lift in three languages"}
ARGS = {
    "type": "object",
    "properties": {"notices": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 15}},
    "required": ["notices"],
}
TEXT = {
    "type": "object",
    "properties": {
        "translation": {"type": "string"},
        "doubts": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
    },
    "required": ["translation"],
}


async def main(args):
    languages = ["French", "Italian", "Polish"]
    jobs = []
    keys = []
    for notice in args["notices"]:
        for language in languages:
            jobs.append(agent("Translate into " + language + ", keep the numbers:\n" + notice, schema=TEXT, label=language))
            keys.append((notice, language))
    phase("Translate")
    replies = await parallel(jobs)

    table = {}
    doubtful = []
    for i in range(len(replies)):
        notice = keys[i][0]
        language = keys[i][1]
        if notice not in table:
            table[notice] = {}
        if replies[i] is None:
            table[notice][language] = ""
        else:
            table[notice][language] = replies[i]["translated"]
            if len(replies[i]["doubts"]) > 0:
                doubtful.append(notice + " / " + language)
    return {"table": table, "doubtful": doubtful}
