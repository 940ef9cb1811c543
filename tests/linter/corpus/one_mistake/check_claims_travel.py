"""Check claims for travel expenses against the policy of the firm."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "trips": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {"who": {"type": "string"}, "km": {"type": "integer"}, "nights": {"type": "integer"}},
                "required": ["who", "km", "nights"],
            },
        }
    },
    "required": ["trips"],
}
RULING = {"type": "object", "properties": {"allowed": {"type": "boolean"}, "why": {"type": "string"}}, "required": ["allowed", "why"]}


class Trip:
    def __init__(self, who, km, nights):
        self.who, self.km, self.nights = who, km, nights

    def allowance(self):
        return 0.3 * self.km + 24 * self.nights


async def main(args):
    trips = [Trip(**row) for row in args["trips"]]
    rulings = await parallel([agent(f"Does the travel policy allow {trip}, {trip.allowance()} euros?", schema=RULING) for trip in trips])
    return [{"who": trip.who, **ruling} for trip, ruling in zip(trips, rulings) if ruling]
