"""Find letters of a composer in several archives until eight are authenticated."""

from weft.primitives import Seen, agent, log, parallel, phase, until_target, verify

ARGS = {
    "type": "object",
    "required": ["archives", "composer"],
    "properties": {
        "archives": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12},
        "composer": {"type": "string"},
    },
}
LETTERS = {
    "type": "object",
    "required": ["letters"],
    "properties": {
        "letters": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "required": ["shelfmark", "year"],
                "properties": {"shelfmark": {"type": "string", "maxLength": 30}, "year": {"type": "integer"}},
            },
        }
    },
}


class Search:
    lenses = ["handwriting", "paper and watermark", "the persons named were alive"]

    def __init__(self, composer, archives):
        self.composer = composer
        self.archives = archives
        self.seen = Seen(key=lambda letter: letter["shelfmark"].casefold())
        self.marks = []
        self.authentic = []

    async def look(self):
        known = ", ".join(self.marks[-30:]) or "none"
        replies = await parallel(
            [agent(f"List letters of {self.composer} in {a}, except {known}.", schema=LETTERS) for a in self.archives]
        )
        fresh = self.seen.add(letter for r in replies if r is not None for letter in r["letters"])
        self.marks += [letter["shelfmark"] for letter in fresh]
        return fresh

    async def authenticate(self, fresh):
        chosen = sorted(fresh, key=lambda letter: (letter["year"], letter["shelfmark"]))[:6]
        if len(chosen) < len(fresh):
            log(f"{len(fresh) - len(chosen)} letters left unchecked")
        verdicts = await parallel([verify(letter, lenses=self.lenses, quorum=3) for letter in chosen])
        return [letter for letter, v in zip(chosen, verdicts) if v and v["survives"]]


async def main(args):
    search = Search(args["composer"], args["archives"])
    for turn in until_target(8, max_rounds=4):
        phase(f"Round {turn.number}")
        proven = await search.authenticate(await search.look())
        turn.found(proven)
        search.authentic.extend(proven)
    if not search.authentic:
        return {"letters": [], "essay": None}
    lines = "\n".join(f"{letter['year']} {letter['shelfmark']}" for letter in search.authentic[:24])
    essay = await agent(f"Write a short introduction to these letters of {search.composer}:\n{lines}")
    return {"letters": search.authentic, "essay": essay}
