"""Answer job applications automatically."""

from weft.primitives import agent, log, phase, pipeline, tool

META = {"name": "applications", "description": "Read applications, file them and reply"}

ARGS = {
    "type": "object",
    "properties": {
        "mails": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30},
    },
    "required": ["mails"],
}

DONE = {
    "type": "object",
    "properties": {
        "folder": {"enum": ["invite", "reject", "ask"]},
        "reply": {"type": "string"},
    },
    "required": ["folder", "reply"],
}


async def fetch(mail):
    """Get the body of a mail."""
    return await tool("fetch_url", url=mail)


async def handle(body, mail):
    """File the application and send the reply."""
    return await agent(
        f"Here is an application that arrived by mail:\n\n{body}\n\n"
        "Decide whether we invite, reject or ask back, move the mail, and send the reply.",
        schema=DONE,
        tools=["run_command", "write_file"],
        label=f"handle:{mail}",
    )


async def main(args):
    phase("Applications")
    outcomes = await pipeline(args["mails"], fetch, handle)
    counts = {"invite": 0, "reject": 0, "ask": 0}
    for outcome in outcomes:
        if outcome:
            counts[outcome["folder"]] += 1
    log(f"handled: {counts}")
    return {"counts": counts, "lost": len(outcomes.lost)}
