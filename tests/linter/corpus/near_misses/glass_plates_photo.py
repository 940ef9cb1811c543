"""Which glass plates of a photo archive show people?"""

from itertools import compress

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"plates": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["plates"],
}
PLATE = {
    "type": "object",
    "properties": {"people": {"type": "integer"}, "place": {"type": "string"}},
    "required": ["people", "place"],
}


async def main(args):
    seen = await parallel([agent(f"Count the people on the plate {plate}; where is it?", schema=PLATE) for plate in args["plates"]])
    answered = [one is not None for one in seen]
    plates, shown = list(compress(args["plates"], answered)), list(compress(seen, answered))
    log(f"{len(plates)} of {len(answered)} plates read")
    return {plate: one["place"] for plate, one in zip(plates, shown) if one["people"] > 0}
