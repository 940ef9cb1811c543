"""Which of the bird sightings sent in by volunteers can go into the atlas?"""

from weft.primitives import Seen, agent, parallel, pipeline, verify

META = {"name": "bird-atlas", "description": "Verified sightings"}
ARGS = {
    "type": "object",
    "properties": {"sheets": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 16}},
    "required": ["sheets"],
}
SIGHTINGS = {
    "type": "object",
    "properties": {
        "sightings": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "species": {"type": "string"},
                    "square": {"type": "string"},
                    "day": {"type": "string"},
                    "source": {"type": "string"},
                },
                "required": ["species", "square", "day", "source"],
            },
        }
    },
    "required": ["sightings"],
}
LENSES = ["the species occurs there at all", "the day fits its migration", "the sheet says so"]


def same(s):
    return s["species"].casefold(), s["square"], s["day"]


async def check(sighting):
    verdict = await verify(sighting, lenses=LENSES, quorum=2)
    return {**sighting, "outcome": verdict["outcome"]}


async def main(args):
    replies = await parallel([agent(f"Transcribe the sightings on {s}.", schema=SIGHTINGS, label=s) for s in args["sheets"]])
    seen = Seen(key=same)
    fresh = seen.add(s for r in replies if r for s in r["sightings"])
    judged = [s for s in await pipeline(fresh, check) if s]
    by = {o: [s for s in judged if s["outcome"] == o] for o in ("survives", "undecided", "refuted")}
    return {"atlas": sorted(by["survives"], key=same), "ask_again": by["undecided"], "rejected": by["refuted"]}
