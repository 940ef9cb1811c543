"""Turn a lecture into a leaflet."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"lecture": {"type": "string"}}, "required": ["lecture"]}
LINES = {
    "type": "object",
    "properties": {"lines": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["lines"],
}
WANTED = {
    "theses": "State the theses, one a line.",
    "figures": "List the figures that are named, one a line.",
    "quotes": "List sentences that are worth quoting.",
    "questions": "List questions that the audience will have.",
}


def bullets(reply):
    return "\n".join(f"- {line}" for line in reply["lines"]) if reply else "- (nothing)"


async def main(args):
    replies = await parallel(
        [agent(f"{order} The lecture is in {args['lecture']}.", schema=LINES, label=name) for name, order in WANTED.items()]
    )
    parts = dict(zip(WANTED, replies))
    leaflet = "\n\n".join(["In short", bullets(parts["theses"]), "In figures", bullets(parts["figures"])])
    if parts["questions"]:
        leaflet += "\n\nAsk us\n" + bullets(parts["questions"])
    return {"leaflet": leaflet}
