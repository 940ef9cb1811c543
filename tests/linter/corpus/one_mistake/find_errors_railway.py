"""Find errors in a railway timetable; two skeptics must let each stand."""
from weft.primitives import agent, dedup, parallel, pipeline, verify

META = {"name": "timetable", "description": "Errors in a timetable"}
ARGS = {"type": "object", "properties": {"lines": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["lines"]}
ERRORS = {"type": "object", "properties": {"errors": {"type": "array", "maxItems": 4, "items": {
    "type": "object", "properties": {"train": {"type": "string"}, "stop": {"type": "string"}, "claim": {"type": "string"}},
    "required": ["train", "stop", "claim"]}}}, "required": ["errors"]}


async def inspect(line):
    return await agent(f"Which trains of line {line}, and of lines it meets, have impossible times?", schema=ERRORS, label=line)


async def contest(reply):
    verdicts = await parallel([verify(row, lenses=["the timetable says so", "it cannot be kept"], quorum=2) for row in reply["errors"]])
    return [row for row, verdict in zip(reply["errors"], verdicts) if verdict and verdict["survives"]]


async def main(args):
    groups = await pipeline(args["lines"], inspect, contest)
    standing = dedup([row for group in groups if group for row in group], key=lambda row: (row["train"], row["stop"]))
    return {"errors": standing}
