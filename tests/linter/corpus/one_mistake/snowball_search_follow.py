"""Snowball search: follow references from a few seed papers."""

from weft.primitives import Seen, agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"seeds": {"type": "array", "items": {"type": "string"}, "maxItems": 5}},
    "required": ["seeds"],
}
REFERENCES = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "relevant": {"type": "boolean"},
        "dois": {"type": "array", "maxItems": 8, "items": {"type": "string"}},
    },
    "required": ["title", "relevant", "dois"],
}


async def main(args):
    seen = Seen(key=str.lower)
    layer, shelf = seen.add(args["seeds"]), {}
    while layer:
        log(f"{len(layer)} papers in this layer")
        cards = await parallel([agent(f"Open {doi}: title, relevance to sleep and memory, key references.", schema=REFERENCES) for doi in layer])
        useful = {doi: c for doi, c in zip(layer, cards) if c and c["relevant"]}
        shelf |= {doi: c["title"] for doi, c in useful.items()}
        layer = seen.add(d for c in useful.values() for d in c["dois"])
    return {"shelf": shelf, "unopened": sorted(seen._known - shelf.keys())}
