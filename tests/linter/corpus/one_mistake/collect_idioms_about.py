"""Collect idioms about weather in a dialect until the elders run out of them."""

from weft.primitives import Seen, agent, parallel, phase, until_dry

ARGS = {"type": "object", "properties": {"dialect": {"type": "string"}}, "required": ["dialect"]}
IDIOMS = {
    "type": "object",
    "properties": {"idioms": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["idioms"],
}
SOURCES = ("proverb collections", "recordings in the archive")


def unheard(replies):
    memory = Seen(key=lambda idiom: idiom.strip().casefold())
    return memory.add(idiom for reply in replies if reply for idiom in reply["idioms"])


async def main(args):
    collected = []
    for round in until_dry(max_rounds=5, patience=2):
        phase(f"Round {round.number}")
        replies = await parallel(
            [agent(f"Idioms about weather in {args['dialect']} from {s}, part {round.number}.", schema=IDIOMS) for s in SOURCES]
        )
        fresh = unheard(replies)
        round.found(fresh)
        collected += fresh
    return {"idioms": collected}
