"""Negotiate a delivery schedule with the simulated carrier until both sides can live with it."""

from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "properties": {"orders": {"type": "string"}, "carrier_terms": {"type": "string"}},
    "required": ["orders", "carrier_terms"],
}
OFFER = {
    "type": "object",
    "properties": {"schedule": {"type": "string"}, "price": {"type": "number"}},
    "required": ["schedule", "price"],
}
ANSWER = {
    "type": "object",
    "properties": {"accepts": {"type": "boolean"}, "objection": {"type": "string"}},
    "required": ["accepts", "objection"],
}
LIMIT = 7


async def draft(orders, objections):
    return await agent(
        f"Draft a delivery schedule for these orders:\n{orders}\nObjections so far: {'; '.join(objections) or 'none'}",
        schema=OFFER,
        label=f"offer:{len(objections)}",
    )


async def main(args):
    phase("Negotiate")
    objections, offer, exchanged = [], None, 0
    while exchanged < LIMIT:
        offer = await draft(args["orders"], objections)
        if offer is None:
            log("no offer came back, asking again")
            continue
        answer = await agent(
            f"You speak for a carrier with these terms:\n{args['carrier_terms']}\n"
            f"Do you accept this schedule at {offer['price']}?\n<schedule>{offer['schedule']}</schedule>",
            schema=ANSWER,
            label=f"answer:{exchanged}",
        )
        exchanged += 1
        if answer and answer["accepts"]:
            return {"agreed": True, "offer": offer, "objections": objections}
        if answer:
            objections.append(answer["objection"])
    return {"agreed": False, "offer": offer, "objections": objections}
