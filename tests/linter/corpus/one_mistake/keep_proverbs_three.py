"""Keep the proverbs that three readers do not find to be invented."""
from collections import Counter

from weft.primitives import agent, parallel, pipeline

META = {"name": "proverbs", "description": "Proverbs that are real"}
ARGS = {"type": "object", "properties": {"proverbs": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["proverbs"]}
READ = {"type": "object", "properties": {"invented": {"type": "boolean"}}, "required": ["invented"]}
SHELVES = ["dictionaries of proverbs", "newspapers before 1950", "collections of the dialect"]


async def weigh(proverb):
    votes = await parallel([agent(f"Search {shelf}. Is this proverb invented? <p>{proverb}</p>", schema=READ) for shelf in SHELVES])
    tally = Counter("invented" if vote and vote["invented"] else "real" for vote in votes)
    return proverb if tally["real"] > tally["invented"] else None


async def main(args):
    kept = [proverb for proverb in await pipeline(args["proverbs"], weigh) if proverb]
    return {"real": kept, "dropped": len(args["proverbs"]) - len(kept)}
