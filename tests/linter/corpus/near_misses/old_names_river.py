"""Old names of one river on maps, until two rounds bring no new one."""

from weft.primitives import agent, log, parallel, until_dry

ARGS = {
    "type": "object",
    "properties": {"maps": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
    "required": ["maps"],
}
NAMES = {
    "type": "object",
    "properties": {"names": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["names"],
}


class Names:
    def __init__(self):
        self.first_seen = {}

    def hear(self, lap, replies):
        fresh = []
        for reply in replies:
            for name in reply["names"] if reply else ():
                if (key := name.casefold()) not in self.first_seen:
                    self.first_seen[key] = lap.number
                    fresh.append(key)
        lap.found(fresh)
        return fresh


async def main(args):
    names = Names()
    for lap in until_dry(max_rounds=5, patience=2):
        jobs = [agent(f"Pass {lap.number}: how is the river called on {sheet}?", schema=NAMES) for sheet in args["maps"]]
        log(f"{len(names.hear(lap, await parallel(jobs)))} new")
    return sorted(names.first_seen)
