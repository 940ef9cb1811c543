"""Write six riddles for a children's party that three testers find fair."""

from weft.primitives import agent, parallel

TESTERS = {"Ida": "is seven", "Jo": "is nine and impatient", "Mr Roth": "teaches year four"}
RIDDLE = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
}
FAIR = {"type": "object", "properties": {"fair": {"type": "boolean"}}, "required": ["fair"]}


class Party:
    def __init__(self):
        self.riddles = []

    def answers(self):
        return [riddle["answer"] for riddle in self.riddles][-6:]

    async def is_fair(self, riddle):
        told = f"<<{riddle['question']}>> Answer: <<{riddle['answer']}>>"
        votes = await parallel(
            [agent(f"{name} {trait}. Is this riddle fair for {name}? {told}", schema=FAIR) for name, trait in TESTERS.items()]
        )
        heard = [vote for vote in votes if vote]
        return all(vote["fair"] for vote in heard)


async def main(args):
    party = Party()
    turn = 0
    while turn < 6:
        riddle = await agent(f"Riddle number {turn + 1}. Answers so far: {party.answers()}", schema=RIDDLE)
        if riddle and await party.is_fair(riddle):
            party.riddles.append(riddle)
            turn += 1
    return {"riddles": party.riddles}
