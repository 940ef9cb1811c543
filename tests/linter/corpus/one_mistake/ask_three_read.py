"""Ask three read replicas' operators' logs when replication lag began, take the first answer, write the timeline."""

from weft.primitives import agent, parallel

LAG = {
    "type": "object",
    "properties": {"began": {"type": "string"}, "peak_seconds": {"type": "integer"}},
    "required": ["began", "peak_seconds"],
}
REPLICAS = ["replica-a", "replica-b", "replica-c"]


def first(replies):
    return next((r for r in replies if r is not None), None)


async def main(args):
    replies = await parallel(
        [agent(f"In the log of {name}: when did replication lag begin, and how high did it get?", schema=LAG) for name in REPLICAS],
        quorum=1,
    )
    lag = first(replies)
    minutes = lag["peak_seconds"] // 60
    timeline = await agent(
        f"Write a timeline of ten lines at most for a lag that began at {lag['began']} and peaked at {minutes} minutes.",
        label="timeline",
    )
    return {"began": lag["began"], "minutes": minutes, "timeline": timeline}
