"""Collect what former tenants say about a landlord from several archives, round after round, and keep what holds up."""
from weft.primitives import Seen, agent, log, parallel, phase, pipeline, until_dry, verify

META = {"name": "landlord", "description": "What former tenants say, verified"}
ARGS = {
    "type": "object",
    "properties": {
        "landlord": {"type": "string"},
        "archives": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6},
    },
    "required": ["landlord", "archives"],
}
SAID = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"source": {"type": "string"}, "page": {"type": "integer"}, "year": {"type": "integer"}, "statement": {"type": "string"}},
                "required": ["source", "page", "year", "statement"],
            },
        }
    },
    "required": ["statements"],
}


async def check(row):
    verdict = await verify(row, lenses=["the source says it", "it is about this landlord", "nothing else contradicts it"], quorum=2)
    if verdict["survives"]:
        return row
    return None


async def main(args):
    seen = Seen(key=lambda row: (row["source"].strip().lower(), row["page"]))
    told = []
    kept = []
    lost = {}
    for round in until_dry(max_rounds=4, patience=1):
        phase(f"Round {round.number}")
        pending = list(args["archives"])
        batches = []
        attempt = 0
        while pending and attempt < 2:
            attempt += 1
            replies = await parallel([agent(f"What do former tenants of {args['landlord']} say in {a}? Leave out what stands on these pages: {told}", schema=SAID, label=f"search:{a}:{attempt}") for a in pending])
            again = []
            for archive, reply in zip(pending, replies):
                if reply is None:
                    again.append(archive)
                else:
                    batches.append(reply["statements"])
            pending = again
        for archive in pending:
            lost[archive] = lost.get(archive, 0) + 1

        fresh = seen.add(row for batch in batches for row in batch)
        round.found(fresh)
        for row in fresh:
            told.append(f"{row['source']} p. {row['page']}")
        checked = await pipeline(fresh, check)
        good = [row for row in checked if row]
        kept.extend(good)
        log(f"round {round.number}: {len(fresh)} new, {len(good)} hold up")

    phase("Arrange")
    years = {}
    for row in kept:
        years.setdefault(row["year"], []).append(row)
    timeline = []
    for year in sorted(years):
        timeline.append({"year": year, "statements": [row["statement"] for row in years[year]]})
    return {"timeline": timeline, "verified": len(kept), "seen": len(seen), "lost": lost}
