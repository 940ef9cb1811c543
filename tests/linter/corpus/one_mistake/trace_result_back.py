"""Trace a result back to its causes, until only causes without causes are left."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"observation": {"type": "string"}}, "required": ["observation"]}
CAUSES = {
    "type": "object",
    "properties": {
        "causes": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
        "root": {"type": "boolean"},
    },
    "required": ["causes", "root"],
}


async def why(observation, path=()):
    reply = await agent(f"What directly causes: {observation}? Chain so far: {' <- '.join(path)}", schema=CAUSES)
    if reply is None or reply["root"]:
        return {"what": observation, "because": []}

    def deeper(cause):
        return why(cause, (*path, observation))

    below = await parallel([deeper(c) for c in reply["causes"]])
    return {"what": observation, "because": [b for b in below if b]}


async def main(args):
    return await why(args["observation"])
