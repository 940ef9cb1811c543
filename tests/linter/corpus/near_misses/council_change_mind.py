"""What did the council change its mind about from one meeting to the next?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"minutes": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 100}},
    "required": ["minutes"],
}
TURN = {
    "type": "object",
    "properties": {"turned": {"type": "boolean"}, "matter": {"type": "string"}},
    "required": ["turned", "matter"],
}


async def main(args):
    meetings = sorted(args["minutes"])
    steps = [(before, after) for before, after in zip(meetings, meetings[1:])]
    turns = await parallel([agent(f"Did the council turn on a matter between {a} and {b}?", schema=TURN, label=b) for a, b in steps])
    return [
        {"from": before, "to": after, "matter": turn["matter"]}
        for (before, after), turn in zip(steps, turns)
        if turn is not None and turn["turned"]
    ]
