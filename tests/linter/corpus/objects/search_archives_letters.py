"""Search the archives for letters in which the composer mentions the lost opera."""

from weft.primitives import Seen, agent, parallel, phase, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {"archives": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6}},
    "required": ["archives"],
}
LETTERS = {
    "type": "object",
    "properties": {
        "letters": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"signature": {"type": "string"}, "date": {"type": "string"}, "words": {"type": "string"}},
                "required": ["signature", "date", "words"],
            },
        }
    },
    "required": ["letters"],
}


class Hunt:
    def __init__(self, archives):
        self.archives = archives
        self.kept = {}

    def search(self, archive):
        known = sorted(self.kept)
        return agent(f"Search {archive} for letters on the lost opera. Known: {known}", schema=LETTERS, label=archive)

    async def fresh(self):
        seen = Seen(key=lambda letter: letter["signature"])
        replies = await parallel([self.search(archive) for archive in self.archives])
        return seen.add(letter for reply in replies if reply for letter in reply["letters"])

    async def confirm(self, letter):
        verdict = await verify(letter, votes=3, quorum=2)
        return letter if verdict["survives"] else None

    async def run(self):
        for round in until_dry(max_rounds=6, patience=2):
            phase(f"Round {round.number}")
            letters = await self.fresh()
            round.found(letters)
            for letter in await parallel([self.confirm(letter) for letter in letters]):
                if letter:
                    self.kept[letter["signature"]] = letter
        return [self.kept[signature] for signature in sorted(self.kept)]


async def main(args):
    return await Hunt(args["archives"]).run()
