"""Sort a club's photo boxes by the year they show."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"boxes": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["boxes"],
}
PHOTOS = {
    "type": "object",
    "properties": {
        "photos": {
            "type": "array",
            "maxItems": 30,
            "items": {
                "type": "object",
                "properties": {"caption": {"type": "string"}, "year": {"type": "integer"}},
                "required": ["caption", "year"],
            },
        }
    },
    "required": ["photos"],
}


class Album:
    def __init__(self):
        self.pages = {}

    def put(self, photo):
        self.pages.setdefault(photo["year"], []).append(photo["caption"])

    def in_order(self):
        return {year: sorted(self.pages[year]) for year in sorted(self.pages)}


async def main(args):
    album = Album()
    replies = await parallel([agent(f"Caption and year of each photo in {box}", schema=PHOTOS) for box in args["boxes"]])
    for reply in replies:
        for photo in reply["photos"] if reply else ():
            album.put(photo)
    log(f"{len(album.pages)} years")
    return {"club": "Alpine Club", "album": album.in_order()}
