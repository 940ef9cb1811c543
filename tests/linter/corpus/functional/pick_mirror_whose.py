"""Pick the mirror whose documentation set is complete."""

from weft.primitives import agent, phase, pipeline

META = {"name": "mirror-pick", "description": "Find one complete documentation mirror"}
ARGS = {
    "type": "object",
    "properties": {"mirrors": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 15}},
    "required": ["mirrors"],
}
STATE = {
    "type": "object",
    "properties": {"complete": {"type": "boolean"}, "missing": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["complete", "missing"],
}


class Board:
    def __init__(self):
        self.complete = []

    async def inspect(self, mirror):
        state = await agent(f"Compare the docs at {mirror} with the table of contents.", schema=STATE, label=mirror)
        if state and state["complete"]:
            self.complete.append(mirror)
        return state


async def main(args):
    board = Board()
    phase("Inspect")
    states = await pipeline(args["mirrors"], board.inspect)
    return {
        "chosen": board.complete[0] if board.complete else None,
        "inspected": sum(1 for s in states if s),
        "lost": len(states.lost),
    }
