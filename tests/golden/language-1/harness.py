"""Say all that the first language says otherwise than later ones."""


async def main(args):
    left = [budget.total, budget.spent(), budget.remaining()]
    verdict = await verify({"claim": "the sky is green", "source": "sky.md:3"}, lenses=["a", "b", "c"], subject="sky.md")
    weak = await verify("grass is blue", lenses=["d", "lost"], quorum=1)
    ended = []
    for round in (rounds := until_dry(max_rounds=4)):
        found = await parallel([agent(f"hunt {round.number}", label="lost:hunt")])
        round.found([one for one in found if one])
    ended.append(rounds.ended)
    for round in (rounds := while_budget(reserve=60, max_rounds=9)):
        await agent(f"spend {round.number}", label="spend")
    ended.append(rounds.ended)
    inner = await workflow("inner", {"n": 2})
    return {"left": left, "verdict": verdict, "weak": weak, "ended": ended, "inner": inner, "now": budget.remaining()}
