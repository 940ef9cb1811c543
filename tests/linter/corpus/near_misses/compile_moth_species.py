"""Compile the moth species seen at one light trap, pass by pass."""

from weft.primitives import agent, parallel, phase, verify

ARGS = {"type": "object", "required": ["trap"], "properties": {"trap": {"type": "string"}}}
SIGHTINGS = {
    "type": "object",
    "required": ["sightings"],
    "properties": {
        "sightings": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["species", "date"],
                "properties": {"species": {"type": "string", "maxLength": 60}, "date": {"type": "string", "maxLength": 10}},
            },
        }
    },
}
LENSES = ["the photo shows the markings", "flight season", "known range"]


async def main(args):
    status = {}
    for sweep in range(5):
        phase(f"Sweep {sweep + 1}")
        names = ", ".join(sorted(status)[:100]) or "none yet"
        reply = await agent(
            f"List moths seen at trap {args['trap']} that are not among these: {names}.", schema=SIGHTINGS
        )
        if reply is None:
            continue
        fresh = []
        for s in reply["sightings"]:
            key = s["species"].casefold()
            if key in status:
                continue
            status[key] = "open"
            fresh.append(s)
        if not fresh:
            break
        verdicts = await parallel([verify(s, lenses=LENSES, quorum=2) for s in fresh])
        for s, v in zip(fresh, verdicts):
            status[s["species"].casefold()] = v["outcome"] if v else "undecided"
    return {name: outcome for name, outcome in sorted(status.items())}
