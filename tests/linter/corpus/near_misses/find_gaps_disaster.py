"""Find the gaps in a disaster recovery plan, round by round, and keep those that hold up."""

from weft.primitives import Seen, agent, parallel, phase, pipeline, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {"plan": {"type": "string"}, "systems": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
    "required": ["plan", "systems"],
}
GAPS = {
    "type": "object",
    "properties": {
        "gaps": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"system": {"type": "string"}, "step": {"type": "integer"}, "gap": {"type": "string", "maxLength": 300}},
                "required": ["system", "step", "gap"],
            },
        }
    },
    "required": ["gaps"],
}


def place(gap):
    return gap["system"].lower(), gap["step"]


async def attack(gap):
    verdict = await verify(gap, votes=3, quorum=2)
    return {**gap, "outcome": verdict["outcome"]}


async def main(args):
    seen = Seen(key=place)
    checked = []
    for round in until_dry(max_rounds=3, patience=1):
        phase(f"Round {round.number}")
        known = [f"{gap['system']} step {gap['step']}" for gap in checked][-40:]
        replies = await parallel(
            [
                agent(f"In {args['plan']}, what is missing for the recovery of {system}?", schema=GAPS, context={"known": known}, label=system)
                for system in args["systems"]
            ]
        )
        fresh = seen.add(gap for reply in replies if reply for gap in reply["gaps"])
        round.found(fresh)
        checked += [gap for gap in await pipeline(fresh, attack) if gap]
    return {
        "gaps": [gap for gap in checked if gap["outcome"] == "survives"],
        "undecided": [gap for gap in checked if gap["outcome"] == "undecided"],
        "unchecked": len(seen) - len(checked),
    }
