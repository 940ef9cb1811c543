"""Which key are these old hymn tunes in?"""

from collections import Counter

from weft.primitives import agent, log, phase, pipeline, parallel

META = {"name": "hymn-keys", "description": "Vote on the key of hymn tunes"}

ARGS = {
    "type": "object",
    "properties": {"tunes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 24}},
    "required": ["tunes"],
}

KEY = {
    "type": "object",
    "properties": {
        "tonic": {"enum": ["C", "D", "E", "F", "G", "A", "B", "Bb", "Eb", "Ab"]},
        "mode": {"enum": ["major", "minor", "dorian", "mixolydian"]},
    },
    "required": ["tonic", "mode"],
}

WAYS = [
    "the last note and the last cadence",
    "how often each degree occurs",
    "the accidentals, bar by bar",
]


async def settle(tune):
    answers = await parallel(
        [agent(f"In which key is the tune {tune}? Go by {way}.", schema=KEY, label=f"{tune}:{way}") for way in WAYS]
    )
    votes = Counter()
    for answer in answers:
        if answer:
            votes[(answer["tonic"], answer["mode"])] += 1
    ranked = sorted(votes.items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked:
        return {"tune": tune, "key": None, "state": "nobody answered"}
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        return {"tune": tune, "key": None, "state": "tied", "candidates": [list(key) for key, _ in ranked]}
    (tonic, mode), count = ranked[0]
    if count < 2:
        return {"tune": tune, "key": None, "state": "too few", "candidates": [[tonic, mode]]}
    return {"tune": tune, "key": f"{tonic} {mode}", "state": "settled", "votes": count}


async def main(args):
    phase("Listen")
    rows = await pipeline(args["tunes"], settle)

    settled = []
    rest = []
    for tune, row in zip(args["tunes"], rows):
        if row is None:
            rest.append({"tune": tune, "state": "failed"})
        elif row["state"] == "settled":
            settled.append(row)
        else:
            rest.append(row)
    log(f"{len(settled)} settled, {len(rest)} for a musician to look at")
    return {"settled": settled, "for_a_musician": rest}
