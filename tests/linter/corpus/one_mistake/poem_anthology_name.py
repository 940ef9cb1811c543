"""For each poem of an anthology, name the poem next to which it should stand."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"poems": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["poems"],
}


async def main(args):
    poems = args["poems"]
    summaries = await parallel([agent(f"Sum up mood, form and images of the poem {p} in a paragraph.", label=p) for p in poems])
    shelf = "\n\n".join(f"{p}: {s}" for p, s in zip(poems, summaries) if s)
    choices = await parallel(
        [agent(f"Next to which other poem should {p} stand, and why?\n\nAll poems:\n{shelf}", label=f"neighbour:{p}") for p in poems]
    )
    return {p: c for p, c in zip(poems, choices) if c}
