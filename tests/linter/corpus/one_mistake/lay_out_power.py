"""Lay out a power cut minute by minute."""
from operator import itemgetter

from weft.primitives import agent, parallel

META = {"name": "outage", "description": "Timeline of a power cut"}
ARGS = {"type": "object", "properties": {"stations": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["stations"]}
EVENTS = {"type": "object", "properties": {"events": {"type": "array", "maxItems": 15, "items": {
    "type": "object", "properties": {"minute": {"type": "integer"}, "what": {"type": "string"}}, "required": ["minute", "what"]}}},
    "required": ["events"]}


def timeline(replies, by):
    rows = [event for reply in replies if reply for event in reply["events"]]
    return sorted(rows, key=by)


async def main(args):
    replies = await parallel([agent(f"Read the log of station {s}: what happened when?", schema=EVENTS) for s in args["stations"]])
    in_order = itemgetter("timestamp", "what")
    return {"timeline": timeline(replies, in_order)}
