"""Collect recalls of kitchen appliances from several feeds until nothing new turns up."""

from weft.primitives import Seen, agent, log, parallel, until_dry

ARGS = {
    "type": "object",
    "required": ["feeds"],
    "properties": {"feeds": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
}
RECALLS = {
    "type": "object",
    "required": ["recalls"],
    "properties": {
        "recalls": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "required": ["brand", "model"],
                "properties": {"brand": {"type": "string", "maxLength": 40}, "model": {"type": "string", "maxLength": 40}},
            },
        }
    },
}


class RecallDesk:
    def __init__(self, feeds):
        self.feeds = feeds
        self.register = []
        self.memory = None

    @staticmethod
    def key(recall):
        return recall["brand"].casefold(), recall["model"].casefold()

    def open_round(self, number):
        self.memory = Seen(key=self.key)
        log(f"round {number}: {len(self.register)} recalls on file")

    def known(self):
        return ", ".join(r["model"] for r in self.register[-40:]) or "none"

    async def collect(self):
        replies = await parallel(
            [agent(f"List appliance recalls in {f}. Already on file: {self.known()}", schema=RECALLS) for f in self.feeds]
        )
        return self.memory.add(r for reply in replies if reply for r in reply["recalls"])


async def main(args):
    desk = RecallDesk(args["feeds"])
    for turn in until_dry(max_rounds=6, patience=6):
        desk.open_round(turn.number)
        fresh = await desk.collect()
        turn.found(fresh)
        desk.register.extend(fresh)
        headline = await agent(f"Word a one-line headline for {len(fresh)} new recalls.")
        log(headline or "no headline")
    return {"recalls": desk.register}
