"""Decide grant applications with a panel: reviewers vote on their own, the chair writes the letter from the votes."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"applications": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["applications"],
}
VOTE = {
    "type": "object",
    "properties": {"fund": {"type": "boolean"}, "reason": {"type": "string"}},
    "required": ["fund", "reason"],
}
REVIEWERS = {"method": "the soundness of the method", "impact": "who would be better off", "money": "the cost plan", "ethics": "harm to participants"}
NEEDED = 3


def reviewer(application):
    def vote(item):
        name, lens = item
        return agent(f"Review application {application} with an eye on {lens} only. Should we fund it?", schema=VOTE, label=name)

    return vote


def tally(ballots):
    return sum(1 for ballot in ballots if ballot and ballot["fund"])


async def decide(application):
    ballots = await parallel([reviewer(application)(item) for item in REVIEWERS.items()])
    funded = tally(ballots) >= NEEDED
    reasons = " / ".join(ballot["reason"] for ballot in ballots if ballot)
    letter = await agent(f"You chair the panel. Decision on {application}: {'funded' if funded else 'declined'}. Write the letter; the reviewers said: {reasons}")
    return {"application": application, "funded": funded, "letter": letter}


async def main(args):
    decisions = await pipeline(args["applications"], decide)
    return {"funded": [d for d in decisions if d and d["funded"]], "declined": [d for d in decisions if d and not d["funded"]]}
