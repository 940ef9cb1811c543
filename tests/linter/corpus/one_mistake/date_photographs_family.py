"""Date the photographs of a family album."""
from weft.primitives import agent, parallel

META = {"name": "album", "description": "A year for each photograph"}
ARGS = {"type": "object", "properties": {"photos": {"type": "array", "maxItems": 12, "items": {"type": "string"}}}, "required": ["photos"]}
YEAR = {"type": "object", "properties": {"year": {"type": "integer"}, "clue": {"type": "string"}}, "required": ["year", "clue"]}


def caption(photo, dated):
    return f"{photo}: {dated['year']} ({dated['clue']})"


async def main(args):
    photos = args["photos"]
    replies = await parallel([agent(f"From clothes and cars, date photograph {photo}.", schema=YEAR, label=photo) for photo in photos])
    dated = list(filter(None, replies))
    captions, at = [], 0
    while at < len(dated):
        captions.append(caption(photos[at], dated[at]))
        at += 1
    return {"captions": captions, "undated": len(photos) - len(dated)}
