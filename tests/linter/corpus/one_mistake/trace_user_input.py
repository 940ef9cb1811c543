"""Trace user input of each HTTP route to the dangerous calls it reaches."""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"routes": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["routes"],
}
STRING = {"type": "string"}
SINK = {"type": "object", "properties": {"call": STRING, "file": STRING}, "required": ["call", "file"]}
TRACE = {
    "type": "object",
    "properties": {
        "handler": STRING,
        "parameters": {"type": "array", "maxItems": 8, "items": STRING},
        "sinks": {"type": "array", "items": SINK},
    },
    "required": ["handler", "parameters", "sinks"],
}
PROOF = {
    "type": "object",
    "properties": {"exploitable": {"type": "boolean"}, "payload": STRING},
    "required": ["exploitable", "payload"],
}


async def trace(route):
    return await agent(f"Trace route {route}: handler, parameters, and each dangerous call they reach.", schema=TRACE)


async def attack(found, route):
    tries = await parallel(
        [
            agent(
                f"Route {route}, handler {found['handler']}: try to reach {sink['call']} in {sink['file']} "
                f"through {', '.join(found['parameters'])}. Say whether it is exploitable and with what.",
                schema=PROOF,
            )
            for sink in found["sinks"]
        ]
    )
    return [{"route": route, **sink, "payload": t["payload"]} for sink, t in zip(found["sinks"], tries) if t and t["exploitable"]]


async def main(args):
    per_route = await pipeline(args["routes"], trace, attack)
    return {"exploits": [e for group in per_route if group for e in group], "clear": per_route.count([])}
