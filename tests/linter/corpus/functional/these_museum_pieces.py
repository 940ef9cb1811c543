"""Is each of these museum pieces dated to the right century?"""

from collections import Counter

from weft.primitives import agent, parallel, pipeline

META = {"name": "dating-panel", "description": "Three experts vote on the century"}
ARGS = {
    "type": "object",
    "properties": {"pieces": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["pieces"],
}
VOTE = {
    "type": "object",
    "properties": {"vote": {"enum": ["agree", "disagree", "cannot tell"]}, "because": {"type": "string"}},
    "required": ["vote", "because"],
}
EXPERTS = ["a ceramics conservator", "an epigrapher", "a historian of trade routes"]
NEEDED = len(EXPERTS) // 2 + 1


def outcome(votes):
    tally = Counter(v["vote"] if v else "lost" for v in votes)
    if tally["agree"] >= NEEDED:
        return "agreed"
    if tally["disagree"] >= NEEDED:
        return "contested"
    return "open"


async def panel(piece):
    votes = await parallel(
        [agent(f"You are {who}. Look up {piece} and say whether its catalogued century is right.", schema=VOTE) for who in EXPERTS]
    )
    return {"piece": piece, "outcome": outcome(votes), "votes": list(votes)}


async def main(args):
    rows = await pipeline(args["pieces"], panel)
    done = [r for r in rows if r]
    return {"rows": done, "lost": len(rows) - len(done)}
