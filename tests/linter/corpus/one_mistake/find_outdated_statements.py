"""Find outdated statements in the visa guide, have each one tried by skeptics, and publish the corrections."""

from weft.primitives import agent, dedup, log, parallel, synthesize, verify

CHAPTERS = ["entry", "work permits", "family", "students", "fees", "appeals"]
STALE = {
    "type": "object",
    "properties": {
        "stale": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"paragraph": {"type": "string"}, "statement": {"type": "string"}, "nowTrue": {"type": "string"}},
                "required": ["paragraph", "statement", "nowTrue"],
            },
        }
    },
    "required": ["stale"],
}


async def main(args):
    pages = await parallel([agent(f"Which statements in the chapter '{c}' of the visa guide are outdated?", schema=STALE) for c in CHAPTERS])
    candidates = dedup([s for p in pages if p for s in p["stale"]], key=lambda s: s["paragraph"])
    verdicts = await parallel([verify(c, lenses=["the law really changed", "the guide really says so"], quorum=2) for c in candidates])
    confirmed = []
    for i, verdict in enumerate(verdicts):
        if verdict and verdict["survives"]:
            confirmed.append(candidates[i])
    log(f"{len(confirmed)} of {len(candidates)} statements are outdated")
    corrections = [f"{c['paragraph']}: {c['statement']} -> {c['nowTrue']}" for c in candidates]
    text = await synthesize(corrections, "Write the corrections page of the visa guide.", fan_in=10)
    return {"page": text, "count": len(confirmed)}
