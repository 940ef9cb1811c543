"""Collect thirty street names with a documented origin for a city walk."""
from weft.primitives import Seen, agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
STREETS = {
    "type": "object",
    "properties": {
        "streets": {"type": "array", "maxItems": 8, "items": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "named_after": {"type": "string"}, "source_url": {"type": "string"}},
            "required": ["name", "named_after", "source_url"]}},
    },
    "required": ["streets"],
}
PROOF = {
    "type": "object",
    "properties": {"documented": {"type": "boolean"}, "year": {"type": ["integer", "null"]}},
    "required": ["documented", "year"],
}
WANTED = 30


async def proven(street):
    proof = await agent(
        f"Does {street['source_url']} document that {street['name']} is named after {street['named_after']}?",
        schema=PROOF,
        label=street["name"],
    )
    return {**street, "year": proof["year"]} if proof and proof["documented"] else None


async def main(args):
    seen = Seen(key=lambda s: s["name"].casefold())
    collected = []
    while len(collected) < WANTED:
        phase(f"{len(collected)} of {WANTED}")
        batch = await agent(
            f"Name streets in {args['city']} with an interesting origin, except: {', '.join(s['name'] for s in collected[-40:]) or 'none'}.",
            schema=STREETS,
            label=f"streets:{len(seen)}",
        )
        fresh = seen.add(batch["streets"] if batch else [])
        checked = await parallel([proven(s) for s in fresh])
        collected = [*collected, *filter(None, checked)]
    log(f"{len(seen)} streets looked at")
    return {"streets": collected[:WANTED]}
