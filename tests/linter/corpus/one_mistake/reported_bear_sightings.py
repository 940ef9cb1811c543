"""Which of the reported bear sightings of this week are real?"""

from weft.primitives import agent, dedup, parallel, pipeline, verify

FEEDS = ["forest office", "police log", "local paper", "hunters' forum", "village chat"]
SIGHTINGS = {
    "type": "object",
    "properties": {
        "sightings": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"valley": {"type": "string"}, "day": {"type": "string"}, "claim": {"type": "string"}},
                "required": ["valley", "day", "claim"],
            },
        }
    },
    "required": ["sightings"],
}
LENSES = ["was it a dog or a cow", "is the place right", "is it an old report"]


def read(feed):
    return agent(f"Bear sightings of this week in the {feed}", schema=SIGHTINGS, label=feed)


async def weigh(sighting):
    verdict = await verify(f"{sighting['day']}, {sighting['valley']}: {sighting['claim']}", lenses=LENSES, quorum=2)
    return sighting if verdict["survives"] else None


async def weigh_all(reply):
    held = await parallel([weigh(s) for s in reply["sightings"]])
    return [s for s in held if s]


async def main(args):
    groups = await pipeline(FEEDS, read, weigh_all)
    standing = [s for group in groups if group for s in group]
    single = dedup(standing, key=lambda s: (s["valley"].casefold(), s["day"]))
    return {"sightings": single, "valleys": sorted({s["valley"] for s in single})}
