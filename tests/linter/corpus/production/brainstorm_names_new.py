"""Brainstorm names for a new strain of apple, round after round."""

from weft.primitives import agent, dedup, log, parallel, phase, until_target

META = {"name": "apple-names", "description": "Names for an apple until there are forty"}

ARGS = {
    "type": "object",
    "properties": {"traits": {"type": "string"}},
    "required": ["traits"],
}

NAMES = {
    "type": "object",
    "properties": {"names": {"type": "array", "maxItems": 6, "items": {"type": "string", "maxLength": 30}}},
    "required": ["names"],
}

MUSES = ["a poet", "a pomologist", "a market trader", "a child"]


async def main(args):
    """Tell the muses what there is already, so that rounds do not repeat each other."""
    names = []
    known = []
    loop = until_target(40, max_rounds=8)
    for round in loop:
        phase(f"Round {round.number}")
        replies = await parallel(
            [
                agent(
                    f"You are {muse}. Suggest names for an apple that is {args['traits']}.",
                    schema=NAMES,
                    context={"taken already": known},
                    label=f"muse:{muse}",
                )
                for muse in MUSES
            ]
        )
        known = dedup([name for reply in replies if reply for name in reply["names"]], key=str.lower)
        round.found(known)
        names += known
        log(f"round {round.number}: {len(known)} names, {len(names)} in all")
    return {"names": names, "ended": loop.ended}
