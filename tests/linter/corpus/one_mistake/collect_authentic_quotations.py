"""Collect authentic quotations of Ada Lovelace about machines."""

from weft.primitives import agent, parallel, until_dry

QUOTES = {
    "type": "object",
    "properties": {
        "quotations": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"opening": {"type": "string", "maxLength": 40}, "source": {"type": "string"}, "page": {"type": "integer"}},
                "required": ["opening", "source", "page"],
            },
        }
    },
    "required": ["quotations"],
}
VOTE = {"type": "object", "properties": {"authentic": {"type": "boolean"}}, "required": ["authentic"]}
PLACES = ["the notes to Menabrea", "the correspondence with Babbage", "the letters to De Morgan"]


class Ledger:
    def __init__(self):
        self.accepted = {}

    @staticmethod
    def place(q):
        return q["source"].lower(), q["page"]

    def is_new(self, q):
        return self.place(q) not in self.accepted

    def accept(self, q):
        self.accepted[self.place(q)] = q


async def authentic(q):
    challenge = f"Open {q['source']}, page {q['page']}. Are the words that begin '{q['opening']}' there, and hers? Doubt it."
    votes = await parallel([agent(challenge, schema=VOTE, label=f"reader {n}") for n in range(3)])
    return q if sum(1 for v in votes if v and v["authentic"]) >= 2 else None


async def main(args):
    ledger = Ledger()
    for search in until_dry(max_rounds=5):
        replies = await parallel([agent(f"Search {search.number}: quotations about machines in {p}.", schema=QUOTES) for p in PLACES])
        new = [q for r in replies if r for q in r["quotations"] if ledger.is_new(q)]
        search.found(new)
        for q in await parallel([authentic(q) for q in new]):
            if q:
                ledger.accept(q)
    return list(ledger.accepted.values())
