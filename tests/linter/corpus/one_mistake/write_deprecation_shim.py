"""Write one deprecation shim for each public symbol that a package re-exports."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"packages": {"type": "array", "items": {"type": "string"}, "maxItems": 12}},
    "required": ["packages"],
}
SYMBOLS = {
    "type": "object",
    "properties": {"symbols": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["symbols"],
}


async def main(args):
    owner = {}

    def exports(package):
        return agent(f"Which public symbols does {package} re-export from another package?", schema=SYMBOLS)

    async def shims(reply, package):
        mine = []
        for symbol in reply["symbols"]:
            if symbol in owner:
                continue
            owner[symbol] = package
            mine.append(symbol)
        texts = await parallel([agent(f"Write a deprecation shim for {s}, to live in {package}. Return the text.") for s in mine])
        return {s: t for s, t in zip(mine, texts) if t}

    per_package = await pipeline(args["packages"], exports, shims)
    return {p: s for p, s in zip(args["packages"], per_package) if s}
