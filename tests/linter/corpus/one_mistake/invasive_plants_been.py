"""Which invasive plants have been reported in the county, until no report brings a new one?"""

from weft.primitives import agent, until_dry

PLANTS = {
    "type": "object",
    "properties": {"plants": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["plants"],
}
PLACES = ["river banks", "railway land", "gardens", "forest edges"]


def unknown_of(names, known):
    fresh = []
    for name in names:
        if name.casefold() not in known:
            known.add(name.casefold())
            fresh.append(name)
    return fresh


async def main(args):
    known, listed = set(), []
    for lap in until_dry(max_rounds=8, patience=2):
        where = PLACES[lap.number % len(PLACES)]
        reply = await agent(f"Name invasive plants reported on {where}, report {lap.number}.", schema=PLANTS)
        names = reply["plants"] if reply else []
        news = unknown_of(names, known)
        listed += news
        lap.found(names)
    return {"plants": sorted(listed)}
