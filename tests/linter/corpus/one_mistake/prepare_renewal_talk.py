"""Prepare the renewal talk with a software vendor: contract, usage and market, then one position paper."""
from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "properties": {"vendor": {"type": "string"}}, "required": ["vendor"]}
CONTRACT = {
    "type": "object",
    "properties": {"seats": {"type": "integer"}, "price_eur": {"type": "number"}, "notice_days": {"type": "integer"}},
    "required": ["seats", "price_eur", "notice_days"],
}
USAGE = {
    "type": "object",
    "properties": {"active_seats": {"type": "integer"}, "teams": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["active_seats", "teams"],
}
MARKET = {
    "type": "object",
    "properties": {"offers": {"type": "array", "maxItems": 5, "items": {"type": "string"}}, "typical_eur": {"type": "number"}},
    "required": ["offers", "typical_eur"],
}
PAPER = {
    "type": "object",
    "properties": {"opening": {"type": "string"}, "walk_away_eur": {"type": "number"}, "arguments": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["opening", "walk_away_eur", "arguments"],
}


async def main(args):
    vendor = args["vendor"]
    phase("Gather")
    contract, usage, market = await parallel([
        agent(f"Read our contract with {vendor}.", schema=CONTRACT, label="contract"),
        agent(f"Read the sign-in statistics for {vendor}.", schema=USAGE, label="usage"),
        agent(f"Find public prices of competitors of {vendor}.", schema=MARKET, label="market"),
    ])
    unused = contract["seats"] - usage["active_seats"]
    offers = market["offers"] if market else []

    phase("Write")
    paper = await agent(
        f"Write our position for the renewal with {vendor}: {unused} of {contract['seats']} seats are unused at "
        f"{contract['price_eur']} EUR. Other offers: {'; '.join(offers) or 'unknown'}.",
        schema=PAPER,
        label="paper",
        critical=True,
    )
    second = await agent(
        f"You wrote this position paper yourself; confirm that its arguments hold.\n<paper>{paper['arguments']}</paper>",
        label="confirm",
    )
    return {"vendor": vendor, "paper": paper, "confirmed": second, "unused_seats": unused}
