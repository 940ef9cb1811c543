"""Five drafts of one speech; a panel that does not know who wrote which puts the best first."""

from weft.primitives import agent, judge, log, parallel

ARGS = {"type": "object", "properties": {"occasion": {"type": "string"}}, "required": ["occasion"]}
DRAFTS = 5


def draft(occasion, number):
    return agent(f"Write a speech of one minute for {occasion}. This is draft {number}; be unlike the usual speech.")


async def main(args):
    drafts = await parallel([draft(args["occasion"], number) for number in range(1, DRAFTS + 1)])
    written = [text for text in drafts if text]
    if not written:
        return {"speech": None}
    ranked = await judge(written, criteria="It moves people who stand in the cold.", judges=3)
    if ranked.outcome == "undecided":
        log("the panel did not decide; the first draft is taken")
        return {"speech": written[0]}
    return {"speech": ranked[0], "drafts": len(written)}
