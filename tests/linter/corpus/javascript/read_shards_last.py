"""Read the shards of last night's gateway log and number the alerts for the on-call sheet."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"shards": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 24}},
    "required": ["shards"],
}
ALERTS = {
    "type": "object",
    "properties": {
        "alerts": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"line": {"type": "integer"}, "what": {"type": "string"}, "host": {"type": "string"}},
                "required": ["line", "what", "host"],
            },
        }
    },
    "required": ["alerts"],
}


async def main(args):
    alerts = []
    unread = []

    def push(shard, alert):
        alerts.append({**alert, "id": f"A-{len(alerts) + 1:03}", "shard": shard})

    async def scan(shard):
        reply = await agent(f"List the alerts in {shard}: timeouts, restarts, refused connections.", schema=ALERTS, label=shard)
        if not reply:
            unread.append(shard)
            return
        for alert in reply["alerts"]:
            push(shard, alert)

    phase("Scan")
    await parallel([scan(shard) for shard in args["shards"]])
    log(f"{len(alerts)} alerts in {len(args['shards'])} shards")
    return {"sheet": alerts[:20], "on_page_two": alerts[20:], "unread": sorted(unread)}
