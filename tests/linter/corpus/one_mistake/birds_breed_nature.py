"""Which birds breed in each nature reserve of the list, and is that still so?"""

from weft.primitives import agent, pipeline, verify

RESERVES = [f"reserve {n:02d}" for n in range(1, 25)]
BIRDS = {
    "type": "object",
    "properties": {"birds": {"type": "array", "maxItems": 14, "items": {"type": "string"}}},
    "required": ["birds"],
}
LATEST = {
    "type": "object",
    "properties": {"year": {"type": "integer"}, "source": {"type": "string"}},
    "required": ["year", "source"],
}


async def survey(reserve):
    reply = await agent(f"Which birds breed in {reserve}?", schema=BIRDS, label=reserve)
    if reply is None:
        return None

    async def confirm(bird):
        record = await agent(f"When was {bird} last recorded breeding in {reserve}?", schema=LATEST)
        if record is None:
            return None
        verdict = await verify({"bird": bird, "reserve": reserve, **record}, votes=3)
        return {"bird": bird, "year": record["year"]} if verdict["survives"] else None

    rows = await pipeline(reply["birds"], confirm)
    return {"reserve": reserve, "birds": [r for r in rows if r]}


async def main(args):
    surveys = await pipeline(RESERVES, survey)
    return [s for s in surveys if s]
