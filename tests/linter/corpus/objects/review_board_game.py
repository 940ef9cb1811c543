"""Review a board game's rule book from the side of several kinds of players."""

from dataclasses import dataclass, field

from weft.primitives import agent, parallel, phase, synthesize

ARGS = {"type": "object", "properties": {"rules": {"type": "string"}}, "required": ["rules"]}
REVIEW = {
    "type": "object",
    "properties": {
        "unclear": {"type": "array", "maxItems": 8, "items": {"type": "string"}},
        "minutes": {"type": "integer", "minimum": 1},
    },
    "required": ["unclear", "minutes"],
}


@dataclass
class Table:
    rules: str
    waiting: list = field(default_factory=list)
    players: list = field(default_factory=list)

    def seat(self, player, question):
        self.players.append(player)
        self.waiting.append(
            agent(f"You are {player}. Read {self.rules}. {question}", schema=REVIEW, label=f"review:{player}")
        )
        return self

    async def play(self):
        reviews = await parallel(self.waiting)
        self.waiting = []
        return [(player, review) for player, review in zip(self.players, reviews) if review]


async def main(args):
    table = Table(args["rules"])
    table.seat("a child of ten", "What did you have to read twice?")
    table.seat("somebody who plays every week", "Where can you bend the rules?")
    table.seat("a colour-blind player", "What can you not tell apart?")
    phase("Review")
    reviews = await table.play()
    unclear = [f"{player}: {line}" for player, review in reviews for line in review["unclear"]]
    if not unclear:
        return {"report": None, "minutes": [review["minutes"] for _, review in reviews]}
    report = await synthesize(unclear, "Which sentences of the rules have to change first?", fan_in=12)
    return {"report": report, "minutes": [review["minutes"] for _, review in reviews]}
