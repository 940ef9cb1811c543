"""Find fifteen different sponsors for a village festival, but stop when the scouts have had seven rounds."""

from weft.primitives import agent, parallel, phase

SPONSORS = {
    "type": "object",
    "properties": {
        "sponsors": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "town": {"type": "string"}},
                "required": ["name", "town"],
            },
        }
    },
    "required": ["sponsors"],
}
TRADES = ("bakeries", "banks", "breweries")


def key(sponsor):
    return sponsor["name"].strip().casefold(), sponsor["town"].strip().casefold()


async def main(args):
    found = {}
    left = 7
    while len(found) < 15 and left > 0:
        left -= 1
        phase(f"{left} rounds left after this one")
        taken = ", ".join(sponsor["name"] for sponsor in found.values())
        replies = await parallel(
            [agent(f"Name {trade} near Bled that might sponsor a festival, not these: {taken}", schema=SPONSORS) for trade in TRADES]
        )
        for reply in replies:
            if not reply:
                continue
            for sponsor in reply["sponsors"]:
                found.setdefault(key(sponsor), sponsor)
    names = list(found.values())[:15]
    return {"sponsors": names, "rounds": 7 - left}
