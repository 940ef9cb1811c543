"""May the photograph be printed? Four desks vote apart, the duty editor writes the reasons."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"photo": {"type": "string"}}, "required": ["photo"]}
BALLOT = {
    "type": "object",
    "properties": {"print": {"type": "boolean"}, "argument": {"type": "string"}},
    "required": ["print", "argument"],
}
DESKS = {
    "picture desk": "is it staged or altered",
    "legal": "does it break anybody's rights",
    "foreign desk": "does it endanger a person in it",
    "standards": "is it needed to understand the story",
}


async def main(args):
    ballots = await parallel(
        [agent(f"For the {desk}: {question}? Look at {args['photo']} and vote.", schema=BALLOT, label=desk) for desk, question in DESKS.items()]
    )
    cast = {desk: b for desk, b in zip(DESKS, ballots) if b}
    yes = sum(b["print"] for b in cast.values())
    decision = "print" if yes >= 3 else "do not print"
    lines = "\n".join(f"- {desk}: {'yes' if b['print'] else 'no'}, {b['argument']}" for desk, b in cast.items())
    reasons = await agent(f"The desks decided: {decision}. Sum up their reasons for the file in five sentences.\n{lines}", tools=[])
    return {"decision": decision, "yes": yes, "cast": len(cast), "reasons": reasons}
