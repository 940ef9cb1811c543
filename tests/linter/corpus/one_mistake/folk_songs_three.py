"""Folk songs of three valleys: one list without doubles, oldest first, and an introduction."""

from weft.primitives import agent, dedup, parallel

SONGS = {
    "type": "object",
    "properties": {
        "songs": {
            "type": "array",
            "maxItems": 7,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "printed": {
                        "type": "object",
                        "properties": {"year": {"type": "integer"}, "place": {"type": "string"}},
                        "required": ["year", "place"],
                    },
                },
                "required": ["name", "printed"],
            },
        }
    },
    "required": ["songs"],
}


async def main(args):
    replies = await parallel([agent(f"List folk songs of the {v}, with their first print.", schema=SONGS) for v in ("Lech valley", "Inn valley", "Ötz valley")])
    everything = [song for reply in replies if reply for song in reply["songs"]]
    songs = dedup(everything, key=lambda s: s.get("title"))
    songs.sort(key=lambda s: s["printed"].get("years", 0))
    names = ", ".join(s["name"] for s in songs)
    introduction = await agent(f"Write an introduction of 200 words to a collection of these songs: {names}")
    return {"songs": songs, "introduction": introduction}
