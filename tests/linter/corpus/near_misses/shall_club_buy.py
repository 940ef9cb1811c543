"""Shall the club buy or rent its boats? Four roles speak, hear each other once, and vote anew; only the second vote counts."""

from weft.primitives import agent, log, parallel, phase

ROLES = {"treasurer": "money", "coach": "training", "junior": "fun", "boatman": "repairs"}
BALLOT = {
    "type": "object",
    "properties": {"vote": {"type": "string", "enum": ["buy", "rent"]}, "because": {"type": "string", "maxLength": 150}},
    "required": ["vote", "because"],
}


async def main(args):
    phase("First word")
    first = await parallel([agent(f"As the {role} you care about {care}. Buy or rent boats?", schema=BALLOT) for role, care in ROLES.items()])
    said = {role: ballot["because"] for role, ballot in zip(ROLES, first) if ballot}
    if len(said) < 3:
        return {"decision": None, "votes": {}, "minutes": None}

    def others(role):
        return "; ".join(f"the {name}: {because}" for name, because in said.items() if name != role)

    phase("Second word")
    second = await parallel(
        [
            agent(f"As the {role} you care about {care}. You heard {others(role)}. Vote now, buy or rent.", schema=BALLOT)
            for role, care in ROLES.items()
        ]
    )
    votes = {role: ballot["vote"] for role, ballot in zip(ROLES, second) if ballot}
    buy = sum(vote == "buy" for vote in votes.values())
    rent = sum(vote == "rent" for vote in votes.values())
    decision = "buy" if buy >= 3 else "rent" if rent >= 3 else "open"
    log(f"{buy} to {rent}")
    minutes = await agent(f"Write the minutes: decision {decision}, votes {votes}, after these words: {said}.")
    return {"decision": decision, "votes": votes, "minutes": minutes}
