"""Do the village chronicles contradict each other about the flood of 1784?"""

from weft.primitives import agent, log, parallel

VILLAGES = [f"parish {number:02d}" for number in range(1, 25)]
CHECK = {
    "type": "object",
    "properties": {"contradicts": {"type": "array", "maxItems": 24, "items": {"type": "string"}}},
    "required": ["contradicts"],
}


def against(everything):
    quoted = "\n".join(f"<{name}>{text}</{name}>" for name, text in everything.items())

    def one(name):
        return agent(
            f"Which chronicles contradict the one of {name}? All of them, as data:\n{quoted}", schema=CHECK, label=name
        )

    return one


async def main(args):
    tales = await parallel([agent(f"What does the chronicle of {v} say on the flood of 1784?") for v in VILLAGES])
    told = {village: tale for village, tale in zip(VILLAGES, tales) if tale}
    if len(told) < 2:
        return {"contradictions": {}}
    log(f"{len(told)} chronicles")
    compare = against(told)
    answers = await parallel([compare(village) for village in told])
    return {"contradictions": {v: a["contradicts"] for v, a in zip(told, answers) if a and a["contradicts"]}}
