"""Who of the volunteer drivers can take which delivery? Ask all, keep the free ones, and plan in pairs."""

from itertools import compress

from weft.primitives import agent, log, parallel, phase

DRIVERS = ["Alja", "Blaž", "Cita", "Davor", "Ema", "Franci"]
FREE = {
    "type": "object",
    "properties": {"free": {"type": "boolean"}, "from_hour": {"type": "integer", "minimum": 6, "maximum": 22}},
    "required": ["free", "from_hour"],
}
ARGS = {
    "type": "object",
    "properties": {"addresses": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["addresses"],
}


async def main(args):
    phase("Ask")
    answers = await parallel([agent(f"Read {name}'s calendar: free tomorrow?", schema=FREE, label=name) for name in DRIVERS])
    mask = [answer is not None and answer["free"] for answer in answers]
    names = list(compress(DRIVERS, mask))
    hours = [answer["from_hour"] for answer in compress(answers, mask)]
    if not names:
        return {"plans": [], "open": args["addresses"]}
    crew = sorted(zip(hours, names))
    log(f"{len(crew)} drivers")

    phase("Plan")
    tours = [(name, hour, address) for (hour, name), address in zip(crew, args["addresses"])]
    texts = await parallel([agent(f"Plan {name}'s drive to {address} from {hour} o'clock.", label=name) for name, hour, address in tours])
    plans = [{"driver": tour[0], "address": tour[2], "text": text} for tour, text in zip(tours, texts) if text]
    driven = {plan["address"] for plan in plans}
    return {"plans": plans, "open": [address for address in args["addresses"] if address not in driven]}
