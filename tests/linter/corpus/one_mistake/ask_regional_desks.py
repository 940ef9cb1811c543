"""Ask the regional desks for tomorrow's front page proposals and let the chief editor pick."""

from weft.primitives import agent, judge, parallel

DESKS = ["north", "south", "capital", "sports", "culture"]


async def propose(desk):
    return await agent(f"You run the {desk} desk. Propose one front page story for tomorrow in 80 words.", label=desk)


async def main(args):
    promises = []
    for desk in DESKS:
        promises.append(await propose(desk))
    proposals = await parallel(promises)
    stories = [f"{desk} desk: {p}" for desk, p in zip(DESKS, proposals) if p]
    if not stories:
        return {"front": None}
    ranked = await judge(stories, criteria="relevance for most readers, freshness", judges=3)
    return {"front": ranked[0]}
