"""Count which birds the volunteers heard, over all the recordings of one night."""

from collections import Counter

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"recordings": {"type": "array", "maxItems": 50, "items": {"type": "string"}}},
    "required": ["recordings"],
}
HEARD = {
    "type": "object",
    "properties": {"birds": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["birds"],
}


class Night:
    def __init__(self):
        self.heard = Counter()
        self.lost = 0

    async def listen(self, recording):
        answer = await agent(f"Which birds call in {recording}? English names.", schema=HEARD, label=recording)
        if answer is None:
            self.lost += 1
            return
        self.heard.update(bird.strip().lower() for bird in answer["birds"])

    def table(self):
        return sorted(self.heard.items(), key=lambda pair: (-pair[1], pair[0]))


async def main(args):
    night = Night()
    phase("Listen")
    await parallel([night.listen(recording) for recording in args["recordings"]])
    table = night.table()
    log(f"{len(table)} species, {night.lost} recordings lost")
    if not table:
        return {"table": [], "story": None, "lost": night.lost}
    phase("Tell")
    most = ", ".join(f"{bird} ({count})" for bird, count in table[:5])
    story = await agent(f"Write three sentences for the local paper about a night with these birds: {most}")
    return {"table": table, "story": story, "lost": night.lost}
