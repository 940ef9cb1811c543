"""Find the cheapest carrier for each parcel route and write the booking mail for the best offer."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"route": {"type": "string"}}, "required": ["route"]}
CARRIERS = ["Postal", "Kestrel", "BlueVan", "Heron", "Cargo24"]
QUOTE = {
    "type": "object",
    "properties": {"carrier": {"type": "string"}, "days": {"type": "integer"}, "cents": {"type": "integer"}},
    "required": ["carrier", "days", "cents"],
}


async def main(args):
    route = args["route"]
    state = {"best": None, "offers": 0}

    async def getQuote(carrier):
        quote = await agent(f"What does {carrier} charge for a 5 kg parcel on {route}?", schema=QUOTE)
        if not quote:
            return
        state["offers"] += 1
        if state["best"] is None or quote["cents"] < state["best"]["cents"]:
            state["best"] = quote

    await parallel([getQuote(c) for c in CARRIERS])
    best = state["best"]
    if not best:
        return {"mail": None, "offers": 0}
    mail = await agent(f"Write the booking mail to {best['carrier']} for {route}, {best['cents']} cents, {best['days']} days.")
    agent(f"File the quote of {best['carrier']} for {route} in the shipping sheet.", tools=["sheet"])
    return {"mail": mail, "offers": state["offers"]}
