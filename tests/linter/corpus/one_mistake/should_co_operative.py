"""Should the co-operative buy the old bakery? Four members vote."""

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {"offer": {"type": "string"}, "limit": {"type": "integer", "default": 250000}},
    "required": ["offer"],
}
VOTE = {
    "type": "object",
    "properties": {"buy": {"type": "boolean"}, "reason": {"type": "string", "maxLength": 160}},
    "required": ["buy", "reason"],
}
MEMBERS = ("treasurer", "builder", "baker", "neighbour")


class Meeting:
    def __init__(self, offer):
        self.offer = offer
        self.minutes = []
        self.yes = 0

    def transcript(self):
        return "\n".join(self.minutes) or "(nobody has spoken yet)"

    async def hear(self, member):
        question = f"You are the {member}. Buy on these terms: {self.offer}? Minutes so far:\n{self.transcript()}"
        vote = await agent(question, schema=VOTE, label=member)
        if vote is None:
            self.minutes.append(f"The {member} was absent.")
            return
        self.minutes.append(f"The {member} says {'yes' if vote['buy'] else 'no'}: {vote['reason']}")
        self.yes += 1 if vote["buy"] else 0


async def main(args):
    phase("Vote")
    meeting = Meeting(f"{args['offer']}, at most {args['limit']} euros")
    for member in MEMBERS:
        await meeting.hear(member)
    return {"buy": meeting.yes >= 3, "yes": meeting.yes, "minutes": meeting.minutes}
