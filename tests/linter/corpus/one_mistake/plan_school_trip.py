"""Plan a school trip: stations of the day, then a packing list for each."""

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"goal": {"type": "string"}, "age": {"type": "integer", "default": 10}},
    "required": ["goal"],
}
PACK = {
    "type": "object",
    "properties": {"things": {"type": "array", "maxItems": 8, "items": {"type": "string"}}},
    "required": ["things"],
}


async def ask_expert(question, schema=None, **options):
    options.setdefault("effort", "low")
    return await agent(f"You plan school trips. {question}", schema=schema, **options)


async def main(args):
    day = await ask_expert(f"Stations of a day at {args['goal']} as JSON with a list 'stations' of at most 6 names.")
    if not day:
        return {"plan": []}
    stations = day["stations"][:6]
    log(f"{len(stations)} stations")
    packs = await parallel(
        [ask_expert(f"What does a child of {args['age']} need at {s}?", schema=PACK, label=s) for s in stations]
    )
    return {"plan": [{"station": s, "things": p["things"]} for s, p in zip(stations, packs) if p]}
