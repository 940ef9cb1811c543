"""Date charcoal from several dig sites, and rank the sites by age."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "required": ["sites"],
    "properties": {"sites": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 30}},
}
DATE = {
    "type": "object",
    "required": ["years_bp", "lab"],
    "properties": {"years_bp": {"type": "integer"}, "lab": {"type": "string"}},
}


async def main(args):
    ages = {}
    repeats = 0

    async def date(site):
        nonlocal repeats
        first = await agent(f"Give the radiocarbon age of the charcoal from {site}, as in its lab report.", schema=DATE)
        if first is None:
            return
        if first["years_bp"] > 40_000:
            second = await agent(f"Lab {first['lab']} dates {site} beyond 40,000 years. Look for a second sample.", schema=DATE)
            repeats += 1
            if second is None:
                return
            ages[site] = second["years_bp"]
        else:
            ages[site] = first["years_bp"]

    phase("Date")
    await parallel([date(site) for site in args["sites"]])
    ranking = [{"site": site, "age": ages[site]} for site in sorted(ages, key=lambda s: (-ages[s], s))]
    return {"ranking": ranking, "repeats": repeats, "undated": [s for s in args["sites"] if s not in ages]}
