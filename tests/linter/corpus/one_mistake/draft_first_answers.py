"""Draft first answers for last night's support tickets."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"tickets": {"type": "array", "items": {"type": "string"}, "maxItems": 200}},
    "required": ["tickets"],
}
DRAFT = {
    "type": "object",
    "properties": {"reply": {"type": "string"}, "escalate": {"type": "boolean"}},
    "required": ["reply", "escalate"],
}


async def main(args):
    phase("Draft")
    waiting, drafts = list(args["tickets"]), []
    while waiting:
        batch, waiting = waiting[:10], waiting[10:]
        drafts.extend(await parallel([agent(f"Draft a reply to ticket {t}. Escalate what concerns money.", schema=DRAFT) for t in batch]))
    pairs = [(ticket, draft) for ticket, draft in zip(args["tickets"], drafts) if draft]
    return {
        "replies": {ticket: draft["reply"] for ticket, draft in pairs},
        "escalate": [ticket for ticket, draft in pairs if draft["escalate"]],
    }
