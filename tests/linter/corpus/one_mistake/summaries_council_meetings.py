"""Summaries of council meetings, each with a mark for how readable it is."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"meetings": {"type": "array", "items": {"type": "string"}, "maxItems": 52}},
    "required": ["meetings"],
}
READABLE = {
    "type": "object",
    "properties": {"mark": {"type": "integer", "minimum": 1, "maximum": 5}},
    "required": ["mark"],
}


async def summarise(meeting):
    return await agent(f"Sum up the meeting {meeting} for people who were not there.", label=meeting)


async def with_mark(summary, meeting):
    reply = await agent("How readable is the summary above? 1 is a law text, 5 is a letter to a friend.", schema=READABLE)
    return {"meeting": meeting, "summary": summary, "mark": reply["mark"] if reply else None}


async def main(args):
    rows = [row for row in await pipeline(args["meetings"], summarise, with_mark) if row]
    hard = [row["meeting"] for row in rows if row["mark"] is not None and row["mark"] < 3]
    return {"rows": rows, "hard": hard}
