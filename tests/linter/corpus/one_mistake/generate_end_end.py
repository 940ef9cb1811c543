"""Generate end-to-end test plans from feature specs and merge them into one suite plan."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"specs": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 35}},
    "required": ["specs"],
}
STYLE = {
    "type": "object",
    "properties": {"framework": {"type": "string"}, "naming": {"type": "string"}},
    "required": ["framework", "naming"],
}


def plan(spec):
    return agent(f"Write an end-to-end test plan for {spec}: steps, data, expected result.", label=spec)


async def main(args):
    style, *plans = await parallel(
        [agent("Which end-to-end framework and which test names does this repository use?", schema=STYLE), *map(plan, args["specs"])]
    )
    written = {spec: text for spec, text in zip(args["specs"], plans) if text}
    if not written:
        return {"suite": None, "missing": args["specs"]}
    body = "\n\n".join(f"## {spec}\n{text}" for spec, text in written.items())
    suite = await agent(f"Merge these plans into one suite plan without repeated set-up:\n\n{body}", critical=True)
    while "TODO" in suite:
        suite = await agent(f"Fill in what is still marked TODO and return the whole plan:\n\n{suite}", critical=True)
    return {"suite": suite, "missing": [s for s in args["specs"] if s not in written]}
