"""Let a jury of critics decide which short films go into the festival's competition."""
from weft.primitives import agent, log, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"films": {"type": "array", "items": {"type": "string"}, "maxItems": 24}},
    "required": ["films"],
}
VOTE = {
    "type": "object",
    "properties": {"admit": {"type": "boolean"}, "argument": {"type": "string"}},
    "required": ["admit", "argument"],
}
JURY = [
    {"name": "editor", "eye": "rhythm and cutting"},
    {"name": "dramaturge", "eye": "what the story dares"},
    {"name": "cinematographer", "eye": "images and light"},
]


async def cast_vote(film, member, table):
    vote = await agent(
        f"You are the {member['name']} on a jury and look at {member['eye']}. Should '{film}' be in competition?\n"
        f"Said at the table: {table or 'nothing yet'}",
        schema=VOTE,
        label=f"{film}:{member['name']}",
    )
    return {"member": member["name"], **vote} if vote else None


async def deliberate(film):
    ballots = []
    for member in JURY:
        table = " / ".join(f"{b['member']}: {'yes' if b['admit'] else 'no'}, {b['argument']}" for b in ballots)
        ballot = await cast_vote(film, member, table)
        if ballot:
            ballots.append(ballot)
    admitted = sum(1 for b in ballots if b["admit"]) >= 2
    return {"film": film, "admitted": admitted, "ballots": ballots}


async def main(args):
    phase("Jury")
    decisions = [d for d in await pipeline(args["films"], deliberate) if d]
    competition = [d["film"] for d in decisions if d["admitted"]]
    log(f"{len(competition)} films in competition")
    return {"competition": competition, "decisions": decisions}
