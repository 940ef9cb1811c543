"""Explore a museum's catalogue from a few starting objects, and say which donors turn up again and again."""
from weft.primitives import agent, log, parallel, phase, verify

META = {"name": "donors", "description": "Donors that turn up again in a museum's catalogue"}
ARGS = {
    "type": "object",
    "properties": {"start": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 5}},
    "required": ["start"],
}
ENTRY = {
    "type": "object",
    "properties": {
        "donor": {"type": "string"},
        "related": {"type": "array", "maxItems": 4, "items": {"type": "string"}},
    },
    "required": ["donor", "related"],
}
MOST = 40


async def main(args):
    queue = []
    visited = []
    entries = {}
    gone = []
    for number in args["start"]:
        if number not in visited:
            visited.append(number)
            queue.append(number)

    phase("Explore")
    while len(queue) > 0 and len(entries) + len(gone) < MOST:
        room = MOST - len(entries) - len(gone)
        wave = queue[: min(8, room)]
        queue = queue[len(wave):]
        replies = await parallel([agent(f"Open catalogue entry {n}: who gave the object, and which entries are related?", schema=ENTRY, label=f"entry:{n}") for n in wave])
        for i in range(len(wave)):
            if replies[i] is None:
                gone.append(wave[i])
                continue
            entries[wave[i]] = replies[i]
            for other in replies[i]["related"]:
                if other not in visited:
                    visited.append(other)
                    queue.append(other)
    if queue:
        log(f"stopped with {len(queue)} entries unopened")

    phase("Count")
    given = {}
    for number in entries:
        donor = entries[number]["donor"].strip()
        if donor:
            given.setdefault(donor, []).append(number)
    often = []
    for donor in sorted(given):
        if len(given[donor]) >= 3:
            often.append({"donor": donor, "objects": sorted(given[donor])})
    often.sort(key=lambda row: (-len(row["objects"]), row["donor"]))
    often = often[:6]

    phase("Doubt")
    verdicts = await parallel([verify({"donor": row["donor"], "objects": row["objects"]}, lenses=["it is one person and not several of that name", "the entries name this donor"], quorum=2) for row in often])
    sure = []
    unsure = []
    for row, verdict in zip(often, verdicts):
        if verdict and verdict["survives"]:
            sure.append(row)
        else:
            unsure.append(row["donor"])
    return {"donors": sure, "unsure": unsure, "opened": len(entries), "gone": gone, "unopened": len(queue)}
