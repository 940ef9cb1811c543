"""Change advisory board: may each of tonight's changes go out?"""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"changes": {"type": "array", "items": {"type": "string"}, "maxItems": 32}},
    "required": ["changes"],
}
REVIEW = {
    "type": "object",
    "properties": {"blocks": {"type": "boolean"}, "because": {"type": "string"}},
    "required": ["blocks", "because"],
}
SEATS = ["database", "network", "security", "on-call"]


async def review(change):
    votes = await parallel(
        [agent(f"You sit on the change board for {seat}. Would you block this change tonight? {change}", schema=REVIEW) for seat in SEATS]
    )
    objections = [v["because"] for v in votes if v and v["blocks"]]
    if objections:
        return {"change": change, "go": False, "why": objections}
    return {"change": change, "go": True, "why": []}


async def main(args):
    queue = list(args["changes"])
    board = []
    while queue:
        wave, queue = queue[:4], queue[4:]
        phase(f"{len(queue)} changes after this wave")
        board.extend(await parallel([review(change) for change in wave]))
    return [b for b in board if b]
