"""Should the choir sing the new piece at Easter? Five seats vote, then skeptics look at the claim that it is ready."""

from weft.primitives import agent, log, parallel, phase, verify

ARGS = {"type": "object", "properties": {"piece": {"type": "string"}}, "required": ["piece"]}
SEATS = 5
BALLOT = {
    "type": "object",
    "properties": {"sing": {"type": "boolean"}, "bar": {"type": "integer"}},
    "required": ["sing", "bar"],
}
LENSES = ["intonation on the recordings", "the tenors' absences", "the hall's organ"]


async def main(args):
    piece = args["piece"]
    need = SEATS // 2 + 1
    phase("Vote")
    ballots = await parallel(
        [
            agent(f"You sit in seat {seat} of {SEATS} and listen from there. Is {piece} ready for Easter?", schema=BALLOT, label=f"seat {seat}")
            for seat in range(1, SEATS + 1)
        ]
    )
    yes = sum(1 for ballot in ballots if ballot and ballot["sing"])
    log(f"{yes} of {SEATS}")
    if yes < need:
        return {"sing": False, "yes": yes, "outcome": None}

    phase("Doubt")
    claim = f"{piece} can be sung by Easter"
    verdict = await verify(claim, lenses=LENSES, quorum=len(LENSES) // 2 + 1)
    outcome = verdict["outcome"]
    if verdict and verdict["survives"]:
        return {"sing": True, "yes": yes, "outcome": outcome}
    return {"sing": False, "yes": yes, "outcome": outcome}
