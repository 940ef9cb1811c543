"""Take the morning protocol of a network of weather stations."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"stations": {"type": "array", "items": {"type": "string"}, "maxItems": 12}},
    "required": ["stations"],
}


class Protocol:
    def __init__(self):
        self.text = ""

    def note(self, station, words):
        self.text += f"{station}: {words}\n"


async def main(args):
    protocol = Protocol()

    async def report(station):
        words = await agent(f"Read the log of station {station}; sum up the night in one sentence.", max_tokens=120)
        if words:
            protocol.note(station, words)

    phase("Report")
    await parallel([report(station) for station in args["stations"]])
    return {"protocol": protocol.text}
