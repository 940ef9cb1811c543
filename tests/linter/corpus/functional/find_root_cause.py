"""Find the root cause of the outage in the logs, step by step."""

from weft.primitives import agent, log

ARGS = {
    "type": "object",
    "properties": {"service": {"type": "string"}, "window": {"type": "string"}},
    "required": ["service", "window"],
}
STEP = {
    "type": "object",
    "properties": {
        "hypothesis": {"type": "string"},
        "evidence": {"type": "string"},
        "certain": {"type": "boolean"},
    },
    "required": ["hypothesis", "evidence", "certain"],
}

line = lambda step: f"- {step['hypothesis']} ({step['evidence']})"


def investigate(service, window):
    def ask_next(trail):
        known = "\n".join(map(line, trail)) or "nothing yet"
        return agent(
            f"Service {service} was down in {window}. Known so far:\n{known}\nGo one step deeper in the logs.",
            schema=STEP,
            label=f"step:{len(trail) + 1}",
        )

    return ask_next


async def main(args):
    ask_next, trail = investigate(args["service"], args["window"]), []
    while not (trail and trail[-1]["certain"]):
        if (step := await ask_next(trail)) is not None:
            trail.append(step)
            log(line(step))
    return {"cause": trail[-1]["hypothesis"], "steps": len(trail)}
