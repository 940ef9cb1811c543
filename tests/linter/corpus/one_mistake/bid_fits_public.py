"""Which bid fits a public tender best?"""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"tender": {"type": "string"}, "bids": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["tender", "bids"],
}
BID = {
    "type": "object",
    "properties": {"bidder": {"type": "string"}, "price": {"type": "number"}, "weeks": {"type": "integer"}},
    "required": ["bidder", "price", "weeks"],
}


async def main(args):
    wanted = await agent(f"What does the tender {args['tender']} ask for? Ten lines at most.")
    log("tender read")
    bids = await parallel([agent(f"Extract bidder, price and weeks from {path}.", schema=BID) for path in args["bids"]])
    complete = sorted((bid for bid in bids if bid), key=lambda bid: bid["price"])
    if not complete or not wanted:
        return {"advice": None, "bids": complete}
    best = complete[0]
    advice = await agent(
        f"The tender asks: {wanted}\nThe cheapest bid is by {best['bidder']}: {best['price']} in {best['weeks']} weeks. Does it fit?"
    )
    return {"advice": advice, "bids": complete}
