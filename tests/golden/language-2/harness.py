"""Say in the second language what the first one says otherwise."""
BUDGET = {"tokens": 400}


async def main(args):
    left = [budget.total("tokens"), budget.spent("tokens"), budget.remaining("tokens"), budget.share_left]
    claim = {"claim": "the sky is green", "source": "sky.md:3", "why": "it says so"}
    other = {"model": "anthropic:claude-haiku-4-5"}
    verdict = await verify(claim, lenses=["a", "b", "c"], veto=False, tie_breaker=other)
    weak = await verify("grass is blue", lenses=["d", "lost"], quorum=1, subject=["sky.md"])
    early = await verify("water is dry", votes=5, veto=False, early=True)
    ended = []
    for round in (rounds := until_dry(max_rounds=4)):
        found = await parallel([agent(f"hunt {round.number}", label="lost:hunt")])
        round.found([one for one in found if one])
    ended.append(rounds.ended)
    for round in (rounds := while_budget(reserve=0.1, max_rounds=9)):
        await agent(f"spend {round.number}", label="spend")
    ended.append(rounds.ended)
    inner = await workflow("inner", {"n": 2})
    return {"left": left, "verdicts": [verdict, weak, early], "ended": ended, "inner": inner}
