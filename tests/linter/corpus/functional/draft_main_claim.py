"""Draft the main claim of a patent in several manners and take the one that a panel prefers."""

from weft.primitives import agent, judge, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"disclosure": {"type": "string", "minLength": 50}},
    "required": ["disclosure"],
}
MANNERS = {
    "broad": "as broad as the disclosure carries",
    "layered": "a narrow core, to which dependent claims could be added",
    "method": "as a method claim",
    "apparatus": "as an apparatus claim",
}


def drafter(disclosure):
    return lambda name, manner: agent(
        f"Draft the main claim of a patent, {manner}. Give nothing but the claim.\n\n{disclosure}",
        tools=[],
        label=f"draft:{name}",
    )


async def main(args):
    draft = drafter(args["disclosure"])
    phase("Draft")
    claims = [claim for claim in await parallel([draft(*manner) for manner in MANNERS.items()]) if claim]
    if not claims:
        return {"claim": None, "outcome": "undecided"}
    phase("Judge")
    ranking = await judge(claims, criteria=["supported by the disclosure", "hard to design around", "clear"], judges=3)
    return {"claim": ranking[0], "outcome": ranking.outcome, "runner_up": ranking[1] if len(ranking) > 1 else None}
