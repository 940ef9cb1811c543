"""Sum up what the bridge sensors say, with the five latest remarks for the duty engineer."""

from collections import deque

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"sensors": {"type": "array", "maxItems": 40, "items": {"type": "string"}}},
    "required": ["sensors"],
}
STATE = {
    "type": "object",
    "properties": {"microns": {"type": "integer"}, "remark": {"type": "string", "maxLength": 80}},
    "required": ["microns", "remark"],
}


class Bridge:
    def __init__(self):
        self.recent = deque(maxlen=5)
        self.worst = 0

    async def sense(self, sensor):
        state = await agent(f"Read strain sensor {sensor}", schema=STATE, label=sensor)
        if state:
            self.recent.append(f"{sensor}: {state['remark']}")
            self.worst = max(self.worst, state["microns"])
        return state is not None


async def main(args):
    bridge = Bridge()
    answered = await parallel([bridge.sense(s) for s in args["sensors"]])
    remarks = " | ".join(bridge.recent)
    note = await agent(f"Two lines for the duty engineer. Worst strain {bridge.worst}. Remarks: {remarks}")
    return {"note": note, "worst": bridge.worst, "answered": sum(1 for a in answered if a)}
