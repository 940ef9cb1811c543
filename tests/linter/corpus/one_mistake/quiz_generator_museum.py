"""Quiz generator: for each museum object one question for children and one for experts."""

from functools import partial

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"objects": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["objects"],
}
FACT = {"type": "object", "properties": {"fact": {"type": "string"}, "source": {"type": "string"}}, "required": ["fact", "source"]}
AUDIENCES = ("a nine year old", "a curator")


def research(thing):
    return agent(f"Find one surprising, well documented fact about the museum object {thing}.", schema=FACT)


def quiz(audience, found, thing):
    return agent(
        f"Write one quiz question about {thing} for {audience}, with three answers. "
        "The right answer must follow from this fact alone: <fact>{found['fact']}</fact> "
        "Do not give the answer away in the question."
    )


async def main(args):
    child, curator = (partial(quiz, audience) for audience in AUDIENCES)

    async def both(found, thing):
        easy = await child(found, thing)
        hard = await curator(found, thing)
        return {"object": thing, "source": found["source"], "easy": easy, "hard": hard}

    cards = await pipeline(args["objects"], research, both)
    return [card for card in cards if card and card["easy"] and card["hard"]]
