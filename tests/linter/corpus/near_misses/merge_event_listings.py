"""Merge event listings of several town websites into one calendar and fetch a picture credit for each event."""

from weft.primitives import agent, parallel

SITES = ["townhall.example", "concerts.example", "library.example", "sports.example"]
EVENTS = {
    "type": "object",
    "properties": {
        "events": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "venue": {"type": "string"}, "date": {"type": "string", "format": "date"}},
                "required": ["title", "venue", "date"],
            },
        }
    },
    "required": ["events"],
}


def idOf(event):
    return "|".join([event["date"], event["venue"].strip().lower(), event["title"].strip().lower()])


async def main(args):
    listings = await parallel([agent(f"List next week's events on {site}.", schema=EVENTS) for site in SITES])
    byId = {}
    for listing in listings:
        if not listing:
            continue
        for event in listing["events"]:
            if idOf(event) in byId:
                continue
            byId[idOf(event)] = event
    calendar = list(byId.values())
    credits = await parallel([agent(f"Who owns the press photo of '{e['title']}' at {e['venue']}? Credit line only.") for e in calendar])
    merged = [{**e, "credit": c or "unknown"} for e, c in zip(calendar, credits)]
    return {"calendar": sorted(merged, key=idOf)}
