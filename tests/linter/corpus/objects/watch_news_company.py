"""Watch the news on a company for as long as the money lasts and keep a journal."""

from datetime import datetime

from weft.primitives import agent, budget, log

BUDGET = {"usd": 2.0}
ARGS = {"type": "object", "properties": {"company": {"type": "string"}}, "required": ["company"]}
NEWS = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
    },
    "required": ["items"],
}


class Journal:
    def __init__(self, company):
        self.company = company
        self.entries = []

    def can_go_on(self):
        return budget.remaining("usd") > 50_000

    def read(self):
        return agent(f"What is new about {self.company}? Already noted: {self.entries[-30:]}", schema=NEWS, label="news")

    def enter(self, items):
        stamp = datetime.now().isoformat(timespec="minutes")
        self.entries += [f"{stamp} {item}" for item in items]


async def main(args):
    journal = Journal(args["company"])
    while journal.can_go_on():
        news = await journal.read()
        if news is None or not news["items"]:
            break
        journal.enter(news["items"])
        log(f"{len(journal.entries)} entries")
    return journal.entries
