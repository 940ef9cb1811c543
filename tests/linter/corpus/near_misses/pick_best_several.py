"""Pick the best of several ways to shard a growing database, with a small panel."""

from weft.primitives import agent, judge, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"schema_file": {"type": "string"}, "models": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 5}},
    "required": ["schema_file", "models"],
}
RANK = {
    "type": "object",
    "properties": {"best": {"type": "integer"}, "reason": {"type": "string", "maxLength": 400}},
    "required": ["best", "reason"],
}


async def main(args):
    phase("Propose")
    drafts = await parallel(
        [agent(f"Propose how to shard the database in {args['schema_file']}.", model=model, label=f"draft:{model}") for model in args["models"]]
    )
    options = [(model, draft) for model, draft in zip(args["models"], drafts) if draft]
    if not options:
        return {"winner": None}
    phase("Judge")
    listing = "\n\n".join(f"[{number}] proposed by {model}:\n{draft}" for number, (model, draft) in enumerate(options))
    votes = await parallel(
        [agent(f"Which of these proposals is best? Look from the side of {side}.\n{listing}", schema=RANK, tools=[], label=side) for side in ["cost", "latency", "operations"]]
    )
    points = [0] * len(options)
    for vote in votes:
        if vote and 0 <= vote["best"] < len(points):
            points[vote["best"]] += 1
    best = max(range(len(points)), key=lambda number: points[number])
    log(f"points: {points}")
    return {"winner": options[best][1], "points": points}
