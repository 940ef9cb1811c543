"""Duty lists of each ward, without repeats inside a ward."""
from weft.primitives import Seen, agent, parallel

META = {"name": "wards", "description": "Duties by ward"}
ARGS = {"type": "object", "properties": {"wards": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["wards"]}
DUTIES = {"type": "object", "properties": {"duties": {"type": "array", "maxItems": 15, "items": {
    "type": "object", "properties": {"title": {"type": "string"}, "description": {"type": "string"}}, "required": ["title", "description"]}}},
    "required": ["duties"]}


def short(duty):
    return " ".join(duty["title"].casefold().split()[:4])


async def main(args):
    replies = await parallel([agent(f"List the nightly duties of ward {w}.", schema=DUTIES, label=w) for w in args["wards"]])
    duties = {}
    for ward, reply in zip(args["wards"], replies):
        if reply is None:
            continue
        seen = Seen(key=short)
        duties[ward] = [duty["description"] for duty in seen.add(reply["duties"])]
    return {"duties": duties, "silent": sum(reply is None for reply in replies)}
