"""Reconstruct the timeline of an outage from chat channels; every event needs two witnesses."""

from weft.primitives import agent, ask, dedup, log, now, parallel, phase, verify

ARGS = {
    "type": "object",
    "properties": {"channels": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 12}},
    "required": ["channels"],
}
EVENTS = {
    "type": "object",
    "properties": {
        "events": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"minute": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"}, "service": {"type": "string"}, "what": {"type": "string", "maxLength": 200}},
                "required": ["minute", "service", "what"],
            },
        }
    },
    "required": ["events"],
}


def key(event):
    return event["minute"], event["service"].strip().lower()


async def main(args):
    phase("Read")
    replies = await parallel([agent(f"List the events of the outage in {channel}.", schema=EVENTS, tools=["read_file"], label=channel) for channel in args["channels"]])
    witnesses = {}
    for channel, reply in zip(args["channels"], replies):
        for event in dedup(reply["events"], key=key) if reply else []:
            witnesses.setdefault(key(event), []).append((channel, event))
    seen_twice = [{**told[0][1], "channels": [channel for channel, _ in told]} for told in witnesses.values() if len(told) >= 2]
    phase("Check")
    verdicts = await parallel([verify(event, votes=3) for event in seen_twice])
    timeline = sorted((event for event, verdict in zip(seen_twice, verdicts) if verdict and verdict["survives"]), key=key)
    log(f"{len(timeline)} of {len(witnesses)} events stand")
    return {
        "at": now(),
        "timeline": timeline,
        "one_witness": sorted(f"{minute} {service}" for (minute, service), told in witnesses.items() if len(told) < 2),
        "unread": [channel for channel, reply in zip(args["channels"], replies) if reply is None],
    }
