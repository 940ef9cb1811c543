"""Compare reef transects and pick a reference site."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "required": ["sites"],
    "properties": {"sites": {"type": "array", "items": {"type": "string"}, "maxItems": 8}},
}
TRANSECT = {
    "type": "object",
    "required": ["cover_percent", "bleached"],
    "properties": {"cover_percent": {"type": "integer"}, "bleached": {"type": "boolean"}},
}


async def main(args):
    healthy = []
    bleached = 0

    async def survey(site):
        nonlocal bleached
        result = await agent(f"Evaluate the transect photographs of reef {site}.", schema=TRANSECT)
        if result is None:
            return
        if result["bleached"]:
            bleached += 1
        else:
            healthy.append((site, result["cover_percent"]))

    phase("Survey")
    await parallel([survey(site) for site in args["sites"]])
    if not healthy:
        return {"reference": None, "bleached": bleached}
    reference = healthy[0]
    listing = "\n".join(f"{n}. {site}: {cover} %" for n, (site, cover) in enumerate(healthy, 1))
    text = await agent(f"Compare the following reefs with reference reef {reference[0]}:\n{listing}")
    return {"reference": reference[0], "bleached": bleached, "text": text}
