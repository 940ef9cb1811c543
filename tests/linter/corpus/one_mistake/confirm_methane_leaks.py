"""Confirm methane leaks reported around oil wells."""

from weft.primitives import agent, dedup, log, parallel, pipeline, verify

ARGS = {
    "type": "object",
    "required": ["wells"],
    "properties": {"wells": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
}
LEAKS = {
    "type": "object",
    "required": ["leaks"],
    "properties": {
        "leaks": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "required": ["component", "field"],
                "properties": {"component": {"type": "string", "maxLength": 40}, "field": {"type": "string", "maxLength": 40}},
            },
        }
    },
}


class LeakOffice:
    lenses = ["the infrared frame shows it", "the component is pressurised", "wind direction fits"]

    async def gather(self, wells):
        replies = await parallel([agent(f"List leaks in the drone film of well {w} and its neighbours.", schema=LEAKS) for w in wells])
        rows = []
        for reply in replies:
            rows += reply["leaks"] if reply else []
        rows.sort(key=self.place)
        return rows

    @staticmethod
    def place(leak):
        return leak["field"], leak["component"]

    async def confirm(self, leak):
        verdict = await verify(leak, lenses=self.lenses, quorum=2)
        return leak if verdict["survives"] else None


async def main(args):
    office = LeakOffice()
    leaks = await office.gather(args["wells"])
    checked = await pipeline(leaks, office.confirm)
    held = dedup([leak for leak in checked if leak], key=office.place)
    log(f"{len(held)} of {len(leaks)} leaks held")
    worst = "; ".join(f"{leak['component']} at {leak['field']}" for leak in leaks[:8])
    notice = await agent(f"Write the notice to the regulator about these confirmed leaks: {worst}")
    return {"notice": notice, "count": len(held)}
