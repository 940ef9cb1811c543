"""Plan repairs of bridges, each with its own sheet."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {
        "bridges": {
            "type": "array",
            "maxItems": 25,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "year": {"type": "integer"}},
                "required": ["name", "year"],
            },
        }
    },
    "required": ["bridges"],
}


class Bridge:
    def __init__(self, name, year):
        self.name = name
        self.year = year

    @property
    def old(self):
        return self.year < 1950


def sheet(bridge):
    focus = "rivets and rust" if bridge.old else "bearings and joints"
    return agent(f"Write an inspection sheet with a focus on {focus} for this bridge: {bridge}", label=bridge.name)


async def main(args):
    bridges = [Bridge(row["name"], row["year"]) for row in args["bridges"]]
    log(f"{sum(bridge.old for bridge in bridges)} old ones")
    sheets = await parallel([sheet(bridge) for bridge in bridges])
    return {bridge.name: text for bridge, text in zip(bridges, sheets) if text}
