"""Catalogue the books of an estate: read the photographed spines, then price what an antiquarian would buy."""

from weft.primitives import agent, log, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"photos": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
    "required": ["photos"],
}
SPINE = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "author": {"type": "string"},
        "publisher": {"type": "string"},
        "year": {"type": "integer"},
        "binding": {"enum": ["cloth", "leather", "paper", "unknown"]},
    },
    "required": ["title", "binding"],
}
PRICE = {
    "type": "object",
    "properties": {
        "low_eur": {"type": "integer"},
        "high_eur": {"type": "integer"},
        "comparable": {"type": "string"},
    },
    "required": ["low_eur", "high_eur", "comparables"],
}


async def read_spine(photo):
    return await agent(f"Read the book spine on photo {photo}.", schema=SPINE, label=f"spine:{photo}")


def old_enough(spine):
    return spine if spine["year"] < 1930 or spine["binding"] == "leather" else None


async def price(spine, photo):
    author = spine.get("author") or "an unknown author"
    offer = await agent(
        f"Price range in euros for '{spine['title']}' by {author}, {spine['binding']} binding.",
        schema=PRICE,
        label=f"price:{photo}",
    )
    return {"photo": photo, "title": spine["title"], "low": offer["low_eur"], "high": offer["high_eur"]} if offer else None


async def main(args):
    phase("Catalogue")
    priced = [p for p in await pipeline(args["photos"], read_spine, old_enough, price) if p]
    log(f"{len(priced)} books worth offering")
    return {
        "offers": sorted(priced, key=lambda p: (-p["high"], p["title"])),
        "low_total": sum(p["low"] for p in priced),
        "photos": len(args["photos"]),
    }
