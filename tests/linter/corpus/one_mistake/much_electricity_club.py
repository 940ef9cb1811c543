"""How much electricity did the club house use? Add up what the meter photographs show."""

from functools import reduce

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"photos": {"type": "array", "items": {"type": "string"}, "maxItems": 24}},
    "required": ["photos"],
}
READING = {
    "type": "object",
    "properties": {"kwh": {"type": "integer"}, "month": {"type": "string"}},
    "required": ["kwh", "month"],
}


def read_meter(photo):
    return agent(f"Which month and which meter reading does {photo} show?", schema=READING, label=photo)


def add(total, reading):
    return total + reading["kwh"]


async def main(args):
    readings = await parallel(list(map(read_meter, args["photos"])))
    total = reduce(add, readings, 0)
    log(f"{total} kWh in {len(readings)} photographs")
    return {"kwh": total, "photos": len(readings)}
