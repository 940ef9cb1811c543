"""Lullabies from four countries, and the tune for each."""

from functools import partial

from weft.primitives import agent, parallel

COUNTRIES = {"Iceland": "slow", "Malta": "rocking", "Georgia": "in three voices", "Chile": "with a guitar"}
SONG = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "first_line": {"type": "string"}},
    "required": ["title", "first_line"],
}


async def song(country, manner):
    found = await agent(f"Name a lullaby from {country}, {manner}.", schema=SONG)
    if found is None:
        return None
    tune = await agent(f"Write the tune of {found['title']} in letters; it begins: {found['first_line']}")
    return {"country": country, "title": found["title"], "tune": tune}


async def main(args):
    later = []
    for country, manner in COUNTRIES.items():
        later.append(lambda country=country, manner=manner: song(country, manner))
    later.append(partial(song, "Estonia", "from an island"))
    songs = await parallel(later)
    return {one["country"]: {"title": one["title"], "tune": one["tune"]} for one in songs if one}
