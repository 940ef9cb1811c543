"""Audit the access rights of a company, system by system; the worst findings go to the board."""

from weft.primitives import agent, log, parallel, phase, top_k

ARGS = {
    "type": "object",
    "properties": {"systems": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["systems"],
}
RIGHTS = {
    "type": "object",
    "properties": {
        "rights": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "account": {"type": "string"},
                    "right": {"type": "string"},
                    "severity": {"type": "integer", "minimum": 1, "maximum": 5},
                },
                "required": ["account", "right", "severity"],
            },
        }
    },
    "required": ["rights"],
}


async def main(args):
    phase("Read")
    replies = await parallel([agent(f"Which accounts of {system} have rights they do not need?", schema=RIGHTS, label=system) for system in args["systems"]])
    found = [{**right, "system": system} for system, reply in zip(args["systems"], replies) if reply for right in reply["rights"]]
    unread = [system for system, reply in zip(args["systems"], replies) if reply is None]
    worst = top_k(found, 10, by="severity")
    log(f"{len(found)} rights, {len(unread)} systems unread")
    phase("Board")
    letter = await agent(f"Write to the board which accounts must lose rights today: {worst}", tools=[], label="letter")
    return {"letter": letter, "worst": worst, "unread": unread}
