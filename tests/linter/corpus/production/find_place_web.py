"""Find every place in the web shop where a customer's input reaches a query unescaped."""

from weft.primitives import Seen, agent, log, parallel, phase, pipeline, until_dry, verify

ARGS = {"type": "object", "properties": {"root": {"type": "string", "default": "shop/"}}}
HOLES = {
    "type": "object",
    "properties": {
        "holes": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"file": {"type": "string"}, "line": {"type": "integer"}, "statement": {"type": "string"}},
                "required": ["file", "line", "statement"],
            },
        }
    },
    "required": ["holes"],
}
WAYS = ["search forms", "order history", "admin reports"]


async def attack(hole):
    verdict = await verify(hole, lenses=["input of a customer reaches it", "nothing on the way escapes it"], quorum=2)
    return {**hole, "outcome": verdict["outcome"]}


async def main(args):
    seen = Seen(key=lambda h: (h["file"], h["line"]))
    judged = []
    rounds = until_dry(max_rounds=4, patience=1)
    for round in rounds:
        phase(f"Search {round.number}")
        known = [f"{h['file']}:{h['line']}" for h in judged]
        replies = await parallel(
            [agent(f"Trace the {way} under {args['root']}: where does input reach a query unescaped?", schema=HOLES, context={"known": known}, label=way) for way in WAYS]
        )
        fresh = seen.add(h for reply in replies if reply for h in reply["holes"])
        round.found(fresh)
        phase(f"Attack {round.number}")
        judged += [h for h in await pipeline(fresh[:6], attack) if h]
        log(f"round {round.number}: {len(fresh)} new, {len(judged)} judged")
    return {
        "holes": [h for h in judged if h["outcome"] == "survives"],
        "undecided": [h for h in judged if h["outcome"] == "undecided"],
        "complete": rounds.ended == "dry",
    }
