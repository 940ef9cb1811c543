"""Read the meters of a housing block from photographs, then write to every flat that used much more than last year."""

from itertools import compress

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {
        "flats": {"type": "array", "maxItems": 30, "items": {"type": "string"}},
        "limit": {"type": "integer", "default": 400},
    },
    "required": ["flats"],
}
METER = {
    "type": "object",
    "properties": {"kwh": {"type": "integer"}, "legible": {"type": "boolean"}},
    "required": ["kwh", "legible"],
}


async def main(args):
    flats = args["flats"]
    phase("Read")
    readings = await parallel([agent(f"Read the meter in photos/{flat}.jpg.", schema=METER, label=flat) for flat in flats])
    usable = [bool(reading and reading["legible"]) for reading in readings]
    log(f"{sum(usable)} of {len(flats)} meters can be read")
    good = list(compress(readings, usable))
    high = [(flat, reading["kwh"]) for flat, reading in zip(flats, good) if reading["kwh"] > args["limit"]]
    high.sort(key=lambda pair: (-pair[1], pair[0]))

    phase("Write")
    letters = await parallel(
        [agent(f"Write a kind letter to flat {flat}: {kwh} kWh this quarter, usual is {args['limit']}.", label=flat) for flat, kwh in high[:10]]
    )
    return {
        "letters": {flat: letter for (flat, _), letter in zip(high, letters) if letter},
        "unread": [flat for flat, fine in zip(flats, usable) if not fine],
    }
