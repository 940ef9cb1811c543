"""Survey the stalls of ten farmers' markets in all four seasons."""

from itertools import product

from weft.primitives import agent, parallel, pipeline

SEASONS = ("spring", "summer", "autumn", "winter")
MARKETS = [f"market {letter}" for letter in "ABCDEFGHIJ"]
STALLS = {
    "type": "object",
    "properties": {"stalls": {"type": "array", "maxItems": 25, "items": {"type": "string"}}},
    "required": ["stalls"],
}
GOODS = {
    "type": "object",
    "properties": {"organic": {"type": "boolean"}, "main": {"type": "string"}},
    "required": ["organic", "main"],
}


async def main(args):
    def list_stalls(visit):
        season, market = visit
        return agent(f"Stalls on {market} in {season}", schema=STALLS)

    async def look(stall, season):
        goods = await agent(f"What does {stall} sell in {season}?", schema=GOODS)
        return {"stall": stall, "season": season, **goods} if goods else None

    async def look_at_all(listing, visit):
        return await parallel([look(stall, visit[0]) for stall in listing["stalls"]])

    visits = list(product(SEASONS, MARKETS))
    per_visit = await pipeline(visits, list_stalls, look_at_all)
    rows = [row for rows in per_visit if rows for row in rows if row]
    return {"rows": len(rows), "organic": sum(1 for row in rows if row["organic"])}
