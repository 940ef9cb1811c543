"""Count who travels from where to where with a ferry company."""

from collections import Counter

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"bookings": {"type": "array", "items": {"type": "string"}, "maxItems": 45}},
    "required": ["bookings"],
}
BOOKING = {
    "type": "object",
    "properties": {"start": {"type": "string"}, "end": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["start", "end", "people"],
}


async def main(args):
    read = await parallel([agent(f"Read start, end and number of people in {mail}.", schema=BOOKING) for mail in args["bookings"]])
    routes = Counter()
    for booking in filter(None, read):
        routes[booking["start"].title(), booking["end"].title()] += booking["people"]
    return {"passengers": sum(routes.values()), "routes": dict(routes.most_common(20))}
