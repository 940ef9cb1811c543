"""Rate the hazards on a building site from the daily photos and name the ones to deal with today."""

from weft.primitives import agent, parallel, phase, verify

ARGS = {
    "type": "object",
    "properties": {"zones": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["zones"],
}
HAZARDS = {
    "type": "object",
    "properties": {
        "hazards": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {
                    "what": {"type": "string"},
                    "level": {"enum": ["low", "medium", "high"]},
                    "photo": {"type": "string"},
                },
                "required": ["what", "level", "photo"],
            },
        }
    },
    "required": ["hazards"],
}


class Strategy:
    def urgent(self, hazard):
        return True


class ByLevel(Strategy):
    def __init__(self, levels):
        self.levels = levels

    def urgent(self, hazard):
        return hazard["severity"] in self.levels


class Site:
    def __init__(self, zones, strategy):
        self.zones, self.strategy = zones, strategy

    def look(self, zone):
        return agent(f"Which hazards do today's photos of {zone} show?", schema=HAZARDS, label=f"look:{zone}")

    async def sure(self, hazard):
        verdict = await verify(hazard, votes=2, quorum=2)
        return hazard if verdict["survives"] else None

    async def today(self):
        seen = await parallel([self.look(zone) for zone in self.zones])
        urgent = [h for reply in seen if reply for h in reply["hazards"] if self.strategy.urgent(h)]
        phase(f"Check {len(urgent)} urgent ones")
        return [hazard for hazard in await parallel([self.sure(hazard) for hazard in urgent]) if hazard]


async def main(args):
    return await Site(args["zones"], ByLevel({"critical", "high"})).today()
