"""Compare the flood maps of five countries along one river."""

from weft.primitives import agent, parallel, phase

COUNTRIES = ["Slovenia", "Croatia", "Hungary", "Serbia", "Romania"]
MAP = {
    "type": "object",
    "properties": {"metres": {"type": "number"}, "year": {"type": "integer"}, "url": {"type": "string"}},
    "required": ["metres", "year", "url"],
}
LEGEND = {
    "type": "object",
    "properties": {"colours": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["colours"],
}


def present(values):
    return [value for value in values if value is not None]


async def main(args):
    phase("Maps")
    maps = await parallel([agent(f"Find {c}'s flood map of the Sava or Danube.", schema=MAP, label=c) for c in COUNTRIES])
    if None in maps:
        missing = [c for c, found in zip(COUNTRIES, maps) if found is None]
        again = await parallel([agent(f"Find any flood map of {c}.", schema=MAP, label=f"again {c}") for c in missing])
        spare = iter(again)
        maps = [found if found is not None else next(spare) for found in maps]
    known = present(maps)
    if not known:
        return {"oldest": None, "highest": None, "legend": []}
    oldest = min(known, key=lambda found: found["year"])
    highest = max(known, key=lambda found: found["metres"])

    phase("Legend")
    legend = await agent(f"Which colours does {oldest['url']} use?", schema=LEGEND) or {"colours": []}
    first = next((found for found in maps if found and found["year"] >= 2020), None)
    return {
        "oldest": COUNTRIES[maps.index(oldest)],
        "highest": COUNTRIES[maps.index(highest)],
        "legend": legend["colours"],
        "recent": first["url"] if first else None,
    }
