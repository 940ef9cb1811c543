"""Find the strongest gusts of a storm and explain them."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "required": ["stations"],
    "properties": {"stations": {"type": "array", "items": {"type": "string"}, "maxItems": 200}},
}
GUST = {
    "type": "object",
    "required": ["kmh", "minute"],
    "properties": {"kmh": {"type": "integer"}, "minute": {"type": "integer"}},
}
SIDES = ("terrain", "pressure gradient", "convection")


async def main(args):
    phase("Read")
    answers = await parallel([agent(f"Give the strongest gust in the log of station {s}.", schema=GUST) for s in args["stations"]])
    rows = []
    for station, gust in zip(args["stations"], answers):
        if gust is None or gust["kmh"] < 60:
            continue
        rows.append((gust["kmh"], station, gust["minute"]))
    rows.sort(reverse=True)
    strongest = rows[:7]
    if not strongest:
        return {"gusts": [], "why": "calm"}
    phase("Explain")
    table = "; ".join(f"{station} {kmh} km/h at minute {minute}" for kmh, station, minute in strongest)
    views = await parallel([agent(f"Explain these gusts from the side of the {side}: {table}.") for side in SIDES])
    texts = [v for v in views if v]
    why = await agent("Merge these explanations into one paragraph:\n" + "\n".join(texts)) if texts else None
    return {"gusts": [list(g) for g in strongest], "why": why}
