"""Contract tests: call every endpoint with three kinds of client."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "endpoints": {"type": "array", "items": {"type": "string"}, "maxItems": 20},
        "token": {"type": "string"},
    },
    "required": ["endpoints", "token"],
}
CLIENTS = {"old": "the 1.x client", "new": "the 2.x client", "raw": "curl without a client"}
CALL = {
    "type": "object",
    "properties": {"status": {"type": "integer"}, "differs": {"type": "boolean"}, "detail": {"type": "string"}},
    "required": ["status", "differs", "detail"],
}


async def main(args):
    names, calls = [], []
    for endpoint in args["endpoints"]:
        for client, how in CLIENTS.items():

            def call():
                access = f"bearer token {args['token']}"
                question = f"Call {endpoint} with {how} ({access}). Does the body differ from the recorded contract?"
                return agent(question, schema=CALL, label="contract call")

            names.append((endpoint, client))
            calls.append(call)
    answers = await parallel(calls)
    differing = [{"endpoint": e, "client": c, "detail": a["detail"]} for (e, c), a in zip(names, answers) if a and a["differs"]]
    return {"differing": differing, "unreachable": [f"{e} ({c})" for (e, c), a in zip(names, answers) if a is None]}
