"""Rank the entries of a cake contest, then let a jury describe the three best."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"cakes": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 40}},
    "required": ["cakes"],
}
TASTE = {
    "type": "object",
    "properties": {"points": {"type": "integer", "minimum": 0, "maximum": 20}},
    "required": ["points"],
}


async def main(args):
    phase("Taste")
    tastes = await parallel([agent(f"Give points to {cake}.", schema=TASTE) for cake in args["cakes"]])
    table = [(taste["points"], cake) for cake, taste in zip(args["cakes"], tastes) if taste]
    table.sort(reverse=True)
    phase("Praise")
    best = [cake for _, cake in table[:3]]
    texts = await parallel([agent(f"Praise {cake} in three sentences.") for cake in best])
    return [{"cake": cake, "text": text} for cake, text in zip(best, texts) if text]
