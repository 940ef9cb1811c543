"""Inspect a playground by each of the checks that we have."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
NOTE = {
    "type": "object",
    "properties": {"grade": {"type": "integer", "minimum": 1, "maximum": 5}, "remark": {"type": "string"}},
    "required": ["grade", "remark"],
}


class Check:
    every = []
    ask = ""

    def __init_subclass__(cls, **rest):
        super().__init_subclass__(**rest)
        Check.every.append(cls)

    def run(self, place):
        return agent(f"At the playground {place}: {self.ask} Grade it from 1 (bad) to 5.", schema=NOTE)


class Swings(Check):
    ask = "are chains, seats and bearings of the swings sound?"


class Ground(Check):
    ask = "is the ground under each device soft and deep enough?"


class Fence(Check):
    ask = "can a small child get through the fence or the gate?"


async def main(args):
    notes = await parallel([kind().run(args["place"]) for kind in Check.every])
    return {"worst": min((note["grade"] for note in notes if note), default=None), "asked": len(notes)}
