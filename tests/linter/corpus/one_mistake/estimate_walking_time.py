"""Estimate the walking time between bus stops and tram stops, and summarise it by district."""
from collections import defaultdict
from statistics import median

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"stops": {"type": "array", "maxItems": 50, "items": {
        "type": "object",
        "properties": {"id": {"type": "string"}, "district": {"type": "string"}},
        "required": ["id", "district"]}}},
    "required": ["stops"],
}
WALK = {
    "type": "object",
    "properties": {"minutes": {"type": "integer", "minimum": 0}, "stairs": {"type": "boolean"}},
    "required": ["minutes", "stairs"],
}


def plausible(walk):
    return walk if 0 < walk["minutes"] < 60 else None


async def measure(stop):
    return await agent(f"Walking time from bus stop {stop['id']} to the nearest tram stop, and are there stairs?", schema=WALK, label=stop["id"])


async def main(args):
    stops = args["stops"]
    walks = [w for w in await pipeline(stops, measure, plausible) if w is not None]
    log(f"{len(walks)} of {len(stops)} stops measured")
    by_district, stairs = defaultdict(list), defaultdict(set)
    for stop, walk in zip(stops, walks):
        by_district[stop["district"]].append(walk["minutes"])
        if walk["stairs"]:
            stairs[stop["district"]].add(stop["id"])
    return {
        "median": {district: median(minutes) for district, minutes in sorted(by_district.items())},
        "with_stairs": {district: ids for district, ids in stairs.items()},
    }
