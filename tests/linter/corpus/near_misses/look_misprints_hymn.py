"""Look for misprints in a hymn book while the budget lasts, the gravest first."""

from functools import total_ordering

from weft.primitives import Seen, agent, while_budget

MISPRINTS = {
    "type": "object",
    "properties": {
        "misprints": {
            "type": "array",
            "maxItems": 7,
            "items": {
                "type": "object",
                "properties": {"hymn": {"type": "integer"}, "verse": {"type": "integer"}, "grave": {"type": "boolean"}},
                "required": ["hymn", "verse", "grave"],
            },
        }
    },
    "required": ["misprints"],
}


@total_ordering
class Place:
    def __init__(self, row):
        self.grave, self.hymn, self.verse = row["grave"], row["hymn"], row["verse"]

    def key(self):
        return (not self.grave, self.hymn, self.verse)

    def __eq__(self, other):
        return self.key() == other.key()

    def __lt__(self, other):
        return self.key() < other.key()


class Question:
    def __init__(self, width):
        self.width = width

    def __call__(self, number):
        first = (number - 1) * self.width + 1
        return f"List misprints in hymns {first} to {first + self.width - 1}."


async def main(args):
    question, places = Question(25), []
    seen = Seen(key=lambda row: (row["hymn"], row["verse"]))
    for lap in while_budget(reserve=0.2, max_rounds=16):
        reply = await agent(question(lap.number), schema=MISPRINTS)
        places += map(Place, seen.add(reply["misprints"] if reply else []))
    return [f"hymn {place.hymn}, verse {place.verse}" for place in sorted(places)]
