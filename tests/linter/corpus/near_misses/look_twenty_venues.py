"""Look for twenty venues with a ramp for a chamber concert tour."""

from weft.primitives import Seen, agent, parallel, phase, until_target

REGIONS = ["north", "coast", "east"]
VENUES = {
    "type": "object",
    "properties": {
        "venues": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "city": {"type": "string"}, "ramp": {"type": "boolean"}},
                "required": ["name", "city", "ramp"],
            },
        }
    },
    "required": ["venues"],
}


class Book:
    def __init__(self):
        self.seen = Seen(key=lambda venue: (venue["name"].casefold(), venue["city"].casefold()))
        self.entries = []

    def enter(self, replies, report):
        fresh = self.seen.add(venue for reply in replies if reply for venue in reply["venues"])
        usable = [venue for venue in fresh if venue["ramp"]]
        self.entries.extend(usable)
        report(usable)


async def main(args):
    book = Book()
    for turn in until_target(20, max_rounds=5):
        phase(f"Scouts, turn {turn.number}")
        replies = await parallel(
            [
                agent(f"Search the {region} for concert venues with a ramp; page {turn.number} of your list.", schema=VENUES)
                for region in REGIONS
            ]
        )
        book.enter(replies, turn.found)
    return {"venues": book.entries[:20], "looked_at": len(book.seen)}
