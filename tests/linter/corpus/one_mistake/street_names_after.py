"""Street names after people: collect them, and say for each who that was."""

from dataclasses import dataclass, field

from weft.primitives import agent, parallel, until_dry

STREETS = {
    "type": "object",
    "properties": {"streets": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
    "required": ["streets"],
}
QUARTERS = ["harbour", "mill", "old town", "station"]


@dataclass
class Memory:
    names: dict = field(default_factory=dict)

    def news(self, streets):
        before = len(self.names)
        for street in streets:
            self.names.setdefault(street.casefold(), street)
        return list(self.names.values())[before:]


def who(street):
    return agent(f"After whom is {street} named? One sentence.", label=street)


async def main(args):
    people = []
    for lap in until_dry(max_rounds=6, patience=2):
        memory = Memory()
        quarter = QUARTERS[lap.number % len(QUARTERS)]
        reply = await agent(f"Streets of the {quarter} quarter that are named after people, list {lap.number}.", schema=STREETS)
        fresh = memory.news(reply["streets"] if reply else [])
        lap.found(fresh)
        people.extend(zip(fresh, await parallel([who(street) for street in fresh])))
    return [{"street": street, "who": text} for street, text in people if text]
