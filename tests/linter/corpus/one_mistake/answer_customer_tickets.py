"""Answer the customer tickets of the night and send the answers."""

from weft.primitives import agent, log, phase, pipeline, tool

ARGS = {
    "type": "object",
    "properties": {"tickets": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["tickets"],
}
KIND = {
    "type": "object",
    "properties": {"kind": {"enum": ["refund", "question", "complaint"]}, "summary": {"type": "string", "maxLength": 300}},
    "required": ["kind", "summary"],
}


async def read(ticket_id):
    body = await tool("read_file", path=f"tickets/{ticket_id}.txt")
    return {"id": ticket_id, "body": body} if body else None


async def classify(ticket):
    kind = await agent(f"What kind of ticket is this?\n{ticket['body']}", schema=KIND, tools=[], label=f"kind:{ticket['id']}")
    return {**ticket, **kind} if kind else None


async def answer(ticket):
    sent = await agent(
        f"Handle this {ticket['kind']} and reply to the customer.\n{ticket['body']}",
        tools=["send_mail", "issue_refund", "bash"],
        label=f"answer:{ticket['id']}",
    )
    return {"id": ticket["id"], "kind": ticket["kind"], "sent": sent} if sent else None


async def main(args):
    phase("Night tickets")
    done = await pipeline(args["tickets"], read, classify, answer)
    answered = [row for row in done if row]
    log(f"{len(answered)} of {len(args['tickets'])} answered")
    return {"answered": answered, "open": [name for name, row in zip(args["tickets"], done) if not row]}
