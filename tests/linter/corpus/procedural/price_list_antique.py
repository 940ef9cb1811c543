"""Price a list of antique clocks from auction records."""

from statistics import median

from weft.primitives import agent, log, phase, pipeline

META = {"name": "clocks", "description": "Estimate prices of antique clocks"}

ARGS = {
    "type": "object",
    "properties": {
        "clocks": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 25},
        "currency": {"type": "string", "default": "EUR"},
    },
    "required": ["clocks"],
}

IDENTITY = {
    "type": "object",
    "properties": {
        "maker": {"type": "string"},
        "decade": {"type": "integer"},
        "movement": {"type": "string"},
    },
    "required": ["maker", "decade", "movement"],
}

PRICE = {
    "type": "object",
    "properties": {
        "low": {"type": "number"},
        "high": {"type": "number"},
        "records": {"type": "array", "maxItems": 6, "items": {"type": "string"}},
    },
    "required": ["low", "high", "records"],
}


async def main(args):
    currency = args.get("currency", "EUR")

    def identify(clock):
        return agent(
            f"Who made this clock, in which decade, with which movement?\n{clock}",
            schema=IDENTITY,
            label="identify",
        )

    def price(identity, clock):
        return agent(
            f"Find auction records in {currency} for clocks by {identity['maker']} "
            f"of the {identity['decade']}s with a {identity['movement']} movement, like: {clock}",
            schema=PRICE,
            label="price",
        )

    phase("Identify and price")
    prices = await pipeline(args["clocks"], identify, price)

    phase("Sum up")
    rows = []
    for clock, estimate in zip(args["clocks"], prices):
        middle = (estimate["low"] + estimate["high"]) / 2
        rows.append({"clock": clock, "middle": middle, "records": estimate["records"]})
        log(f"{clock}: about {middle:.0f} {currency}")

    if not rows:
        return {"rows": [], "median": None}
    rows.sort(key=lambda row: (-row["middle"], row["clock"]))
    return {"rows": rows, "median": median(row["middle"] for row in rows), "currency": currency}
