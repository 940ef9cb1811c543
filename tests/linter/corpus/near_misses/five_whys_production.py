"""Five whys for a production incident: each cause is asked about again, but only so deep."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"incident": {"type": "string"}}, "required": ["incident"]}
CAUSES = {
    "type": "object",
    "properties": {"causes": {"type": "array", "maxItems": 2, "items": {"type": "string"}}},
    "required": ["causes"],
}


def why(levels):
    async def leaf(statement):
        return {"why": statement, "because": []}

    if levels <= 0:
        return leaf
    deeper = why(levels - 1)

    async def node(statement):
        reply = await agent(f"Why did this happen? Name at most two direct causes.\n<fact>{statement}</fact>", schema=CAUSES)
        causes = reply["causes"] if reply else []
        children = await parallel([deeper(cause) for cause in causes])
        return {"why": statement, "because": [child for child in children if child]}

    return node


async def main(args):
    ask_why = why(3)
    return await ask_why(args["incident"])
