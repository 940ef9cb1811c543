"""Explain what happened on each host from several log files."""

from itertools import chain, groupby
from operator import itemgetter

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "required": ["logs"],
    "properties": {"logs": {"type": "array", "items": {"type": "string"}, "maxItems": 50}},
}
EVENTS = {
    "type": "object",
    "required": ["events"],
    "properties": {
        "events": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "required": ["host", "minute", "kind"],
                "properties": {
                    "host": {"type": "string", "maxLength": 40},
                    "minute": {"type": "integer"},
                    "kind": {"enum": ["login", "restart", "disk", "network"]},
                },
            },
        }
    },
}
host, when = itemgetter("host"), itemgetter("host", "minute", "kind")


def line(event):
    return f"{event['minute']} {event['kind']}"


async def main(args):
    replies = await parallel([agent(f"List the eight most telling events in {path}.", schema=EVENTS) for path in args["logs"]])
    events = sorted(chain.from_iterable(r["events"] for r in replies if r), key=when)
    history = {name: [line(e) for e in group] for name, group in groupby(events, key=host)}
    stories = await parallel(
        [agent(f"Explain in one sentence what happened on {name}: {'; '.join(lines[:30])}") for name, lines in history.items()]
    )
    return dict(zip(history, stories))
