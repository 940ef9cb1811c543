"""Verify the historical claims in a museum's audio guide."""

from weft.primitives import agent, finding, log, phase, pipeline, verify

META = {"name": "audio-guide", "description": "Extract and verify claims of an audio guide"}

ARGS = {
    "type": "object",
    "properties": {
        "stations": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 18},
    },
    "required": ["stations"],
}

CLAIM = {
    "type": "object",
    "properties": {
        "statement": {"type": "string"},
        "source": {"type": "string"},
    },
    "required": ["statement", "source"],
}


async def extract(station):
    """Extract the boldest claim of one station."""
    return await agent(f"What is the boldest historical claim in {station}?", schema=CLAIM, label=f"extract:{station}")


async def check(claim, station):
    """Have three skeptics look at the claim."""
    verdict = verify(claim, lenses=["a primary source says it", "historians agree", "the date is right"], quorum=2)
    if verdict["survives"]:
        finding({"station": station, "claim": claim})
        return {"station": station, **claim}
    return None


async def main(args):
    phase("Extract and verify")
    results = await pipeline(args["stations"], extract, check)
    confirmed = [result for result in results if result]
    log(f"{len(confirmed)} of {len(args['stations'])} claims confirmed")
    return {"confirmed": confirmed}
