"""Make one flaky test pass ten times in a row."""

from weft.primitives import agent, log

ARGS = {"type": "object", "properties": {"test": {"type": "string"}}, "required": ["test"]}
ATTEMPT = {
    "type": "object",
    "properties": {
        "status": {"enum": ["stable", "flaky", "no idea"]},
        "cause": {"type": "string"},
    },
    "required": ["status", "cause"],
}


async def main(args):
    attempts, causes = 0, []
    while attempts < 6:
        tried = "; ".join(causes) or "nothing"
        reply = await agent(
            f"Find why {args['test']} is flaky and fix the test. Causes tried: {tried}. Then run it ten times.",
            schema=ATTEMPT,
            tools=["read", "edit", "bash"],
        )
        match reply:
            case None:
                log("lost, again")
                continue
            case {"status": "stable", "cause": cause}:
                return {"stable": True, "cause": cause, "attempts": attempts + 1}
            case {"status": "flaky", "cause": cause}:
                causes.append(cause)
            case _:
                causes.append("unknown")
        attempts += 1
    return {"stable": False, "tried": causes}
