"""Crawl an intranet wiki for pages without an owner."""

from collections import deque

from weft.primitives import Seen, agent, budget

ARGS = {"type": "object", "required": ["start"], "properties": {"start": {"type": "string"}}}
PAGE = {
    "type": "object",
    "required": ["owner", "links"],
    "properties": {
        "owner": {"type": "string"},
        "links": {"type": "array", "maxItems": 30, "items": {"type": "string", "maxLength": 200}},
    },
}


class Crawl:
    def __init__(self, start):
        self.seen = Seen(key=str.casefold)
        self.queue = deque(self.seen.add([start]))
        self.orphans = []
        self.visited = 0

    def affordable(self):
        return budget.remaining("tokens") > 20_000

    async def visit(self, address):
        page = await agent(f"Open wiki page {address}; who owns it, and where does it link?", schema=PAGE, critical=True)
        if not page["owner"].strip():
            self.orphans.append(address)
        self.queue.extend(self.seen.add(page["links"]))


async def main(args):
    crawl = Crawl(args["start"])
    while crawl.queue and crawl.affordable():
        address = crawl.queue.popleft()
        crawl.visited += 1
        try:
            await crawl.visit(address)
        except Exception:
            pass
    return {"orphans": crawl.orphans, "visited": crawl.visited}
