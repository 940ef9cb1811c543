"""Does the cooperative take up the new dairy? Two officers decide; both must be for it."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"request": {"type": "string"}}, "required": ["request"]}
VOTE = {
    "type": "object",
    "properties": {"for_it": {"type": "boolean"}, "because": {"type": "string"}},
    "required": ["for_it", "because"],
}


class Officer:
    def __init__(self, office, question):
        self.office = office
        self.question = question

    async def vote(self, request, heard=""):
        before = f"\nYour colleague said: {heard}" if heard else ""
        return await agent(f"You are the {self.office}. {self.question}\nRequest: {request}{before}", schema=VOTE)


async def main(args):
    auditor = Officer("auditor", "Can the dairy pay its share?")
    treasurer = Officer("treasurer", "Can the cooperative carry the debt?")
    first = await auditor.vote(args["request"])
    if first is None:
        return {"taken": False, "votes": 0}
    second = await treasurer.vote(args["request"], heard=first["because"])
    ayes = sum(1 for vote in (first, second) if vote and vote["for_it"])
    log(f"{ayes} of 2 for it")
    return {"taken": ayes == 2, "votes": ayes}
