"""Which lamp posts of a district are broken, each under one street?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"streets": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["streets"],
}
POLES = {
    "type": "object",
    "properties": {
        "poles": {
            "type": "array",
            "maxItems": 15,
            "items": {"type": "object", "properties": {"number": {"type": "string"}, "fault": {"type": "string"}}, "required": ["number", "fault"]},
        }
    },
    "required": ["poles"],
}


async def main(args):
    owner = {}

    async def survey(street):
        reply = await agent(f"From the call log, list the broken lamp posts along {street}.", schema=POLES)
        mine = []
        for pole in reply["poles"] if reply else []:
            if pole["number"] not in owner:
                owner[pole["number"]] = street
                mine.append(pole)
        return {"street": street, "poles": mine}

    reports = await parallel([survey(street) for street in args["streets"]])
    return {"reports": [r for r in reports if r and r["poles"]], "poles": len(owner)}
