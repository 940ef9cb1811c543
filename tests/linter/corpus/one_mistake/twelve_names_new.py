"""Twelve names for a new ferry that no other ship bears."""

from weft.primitives import Seen, agent, until_target

NAMES = {
    "type": "object",
    "properties": {"names": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["names"],
}
FREE = {"type": "object", "properties": {"free": {"type": "boolean"}}, "required": ["free"]}
MOODS = ("a saint", "a wind", "a bird", "a bay", "a skipper")


class Christening:
    def __init__(self, harbour):
        self.harbour = harbour
        self.heard = Seen(key=str.casefold)
        self.free = []

    async def propose(self, number):
        mood = MOODS[(number - 1) % len(MOODS)]
        reply = await agent(f"Propose names for a ferry of {self.harbour}, each after {mood}.", schema=NAMES)
        return self.heard.add(reply["names"]) if reply else []

    async def lap(self, number):
        for name in (await self.propose(number))[:1]:
            register = await agent(f"Is no registered ship called {name}?", schema=FREE)
            if register and register["free"]:
                self.free.append(name)
        return self.free


async def main(args):
    work = Christening("Eastport")
    names = []
    for turn in until_target(4, max_rounds=5):
        names = await work.lap(turn.number)
    return {"names": names, "heard": len(work.heard)}
