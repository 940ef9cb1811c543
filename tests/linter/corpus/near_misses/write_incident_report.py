"""Write the incident report of an outage: timeline first, then causes that rest on it, then a critic."""

from weft.primitives import agent, phase

ARGS = {"type": "object", "properties": {"incident": {"type": "string"}}, "required": ["incident"]}

EVENTS = {
    "type": "object",
    "properties": {
        "events": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"at": {"type": "string"}, "what": {"type": "string", "maxLength": 160}},
                "required": ["at", "what"],
            },
        }
    },
    "required": ["events"],
}


class Desk:
    def __init__(self, incident):
        self.incident = incident
        self.timeline = []
        self.draft = ""

    async def collect(self):
        reply = await agent(f"Build the timeline of incident {self.incident} from the logs.", schema=EVENTS, critical=True)
        self.timeline = sorted(reply["events"], key=lambda event: event["at"])

    async def write(self):
        lines = "\n".join(f"{event['at']} {event['what']}" for event in self.timeline)
        self.draft = await agent(f"Write the causes of {self.incident} from this timeline:\n{lines}") or ""

    async def improve(self):
        better = await agent(f"Shorten this report, keep every time stamp:\n<report>{self.draft}</report>")
        self.draft = better or self.draft


async def main(args):
    desk = Desk(args["incident"])
    phase("Timeline")
    await desk.collect()
    phase("Causes")
    await desk.write()
    phase("Edit")
    await desk.improve()
    return {"incident": desk.incident, "events": len(desk.timeline), "report": desk.draft}
