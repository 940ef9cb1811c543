"""Send a press note only if the lawyer lets it pass."""
from weft.primitives import agent

META = {"name": "press-note", "description": "Write, have it read, hand it out"}
ARGS = {"type": "object", "properties": {"event": {"type": "string"}}, "required": ["event"]}
LAW = {"type": "object", "properties": {"pass": {"type": "boolean"}, "reason": {"type": "string"}}, "required": ["pass", "reason"]}


class Lawyer:
    def __init__(self, event):
        self.event = event

    async def allows(self, note):
        ruling = await agent(f"As a lawyer read this note on {self.event}:\n<note>{note}</note>\nMay it go out?", schema=LAW)
        return ruling is not None and ruling["pass"]


async def main(args):
    lawyer = Lawyer(args["event"])
    note = await agent(f"Write a press note of 100 words about {args['event']}.")
    if note is None:
        return {"note": None, "out": False}
    if not lawyer.allows(note):
        return {"note": note, "out": False}
    return {"note": note, "out": True}
