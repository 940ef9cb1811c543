"""Buy or rent a van? Three sides of the question; without all three there is no answer."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"months": {"type": "integer", "minimum": 1}, "van": {"type": "string"}},
    "required": ["months", "van"],
}
COST = {
    "type": "object",
    "properties": {"euros": {"type": "integer"}, "deposit": {"type": "integer"}},
    "required": ["euros"],
}


def total(cost):
    return cost["euros"] + (cost["deposit"] if "deposit" in cost else 0)


async def main(args):
    van, months = args["van"], args["months"]
    buy, rent, sell = await parallel(
        [
            agent(f"What does a {van} cost to buy?", schema=COST),
            agent(f"What does a {van} cost to rent for {months} months?", schema=COST),
            agent(f"What does a {van} bring when it is sold after {months} months?", schema=COST),
        ]
    )
    if any(one is None for one in (buy, rent, sell)):
        log("one of the three did not answer")
        return {"answer": "unknown"}
    own = total(buy) - total(sell)
    return {"answer": "buy" if own < total(rent) else "rent", "difference": abs(own - total(rent))}
