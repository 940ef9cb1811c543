"""Let a board decide insurance claims for hail damage."""

from dataclasses import dataclass, field

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "required": ["claims"],
    "properties": {"claims": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
}
VOTE = {
    "type": "object",
    "required": ["pay", "reason"],
    "properties": {"pay": {"type": "boolean"}, "reason": {"type": "string", "maxLength": 200}},
}


@dataclass
class Ballot:
    claim: str
    votes: list = field(default_factory=list)

    def minutes(self):
        return "; ".join(f"{role}: {'pay' if v['pay'] else 'refuse'} ({v['reason']})" for role, v in self.votes)

    def approvals(self):
        return sum(1 for _, v in self.votes if v["pay"])


class Board:
    roles = ("adjuster", "meteorologist", "roofer")
    needed = 4

    async def vote(self, ballot, role):
        v = await agent(f"As the {role}, vote on hail claim {ballot.claim}. Votes so far: {ballot.minutes()}", schema=VOTE)
        if v is not None:
            ballot.votes.append((role, v))

    async def decide(self, claim):
        ballot = Ballot(claim)
        for role in self.roles:
            await self.vote(ballot, role)
        return {"claim": claim, "paid": ballot.approvals() >= self.needed}


async def main(args):
    board = Board()
    decisions = await pipeline(args["claims"], board.decide)
    return {"paid": [d["claim"] for d in decisions if d and d["paid"]], "asked": len(decisions)}
