"""Read the timetable posters of ten bus lines."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"lines": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["lines"],
}
TIMETABLE = {
    "type": "object",
    "properties": {
        "line": {"type": "string"},
        "stops": {"type": "array", "maxItems": 40, "items": {"$ref": "#/$defs/Stop"}},
    },
    "required": ["line", "stops"],
    "$defs": {
        "stop": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "minute": {"type": "integer", "minimum": 0}},
            "required": ["name", "minute"],
        }
    },
}


async def read_poster(line):
    poster = await agent(f"Stops and minutes on the poster of bus line {line}", schema=TIMETABLE, label=line)
    return poster if poster and poster["stops"] else None


async def main(args):
    posters = [p for p in await parallel([read_poster(line) for line in args["lines"]]) if p]
    log(f"{len(posters)} posters read")
    longest = max(posters, key=lambda poster: len(poster["stops"]), default=None)
    return {"posters": posters, "longest": longest["line"] if longest else None}
