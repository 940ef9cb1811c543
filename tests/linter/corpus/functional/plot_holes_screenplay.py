"""Which plot holes of a screenplay do at least two of three readers see?"""

from weft.primitives import agent, log, parallel, quorum

META = {"name": "plot-holes", "description": "Three readers, two must agree"}
ARGS = {"type": "object", "properties": {"script": {"type": "string"}}, "required": ["script"]}
HOLES = {
    "type": "object",
    "properties": {
        "holes": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "properties": {
                    "scene": {"type": "integer"},
                    "kind": {"enum": ["time", "motive", "object", "place"]},
                    "note": {"type": "string"},
                },
                "required": ["scene", "kind", "note"],
            },
        }
    },
    "required": ["holes"],
}
READERS = {
    "continuity": "Track every object and every hour of the day.",
    "psychology": "Ask of each decision why this person would take it.",
    "audience": "Read once, fast, and say where you were thrown out of the story.",
}


def spot(hole):
    return hole["scene"], hole["kind"]


async def main(args):
    lists = await parallel(
        [agent(f"{how}\nList the plot holes in {args['script']}.", schema=HOLES, label=who) for who, how in READERS.items()]
    )
    if lists.lost:
        log(f"{len(lists.lost)} of {len(READERS)} readers were lost")
    agreed = quorum([r["holes"] if r else None for r in lists], key=spot, at_least=2)
    return {"holes": sorted(agreed, key=spot), "readers_lost": len(lists.lost)}
