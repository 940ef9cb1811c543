"""Hand the incident reports of the hospital to the departments that they concern, with a digest for each."""

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"reports": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 80}},
    "required": ["reports"],
}
DEPARTMENTS = ["Emergency", "Intensive Care", "Pharmacy", "Radiology", "Surgery"]
CONCERNS = {
    "type": "object",
    "properties": {
        "department": {"type": "string", "description": "The department that must act."},
        "harm": {"enum": ["none", "minor", "major"]},
        "gist": {"type": "string", "maxLength": 300},
    },
    "required": ["department", "harm", "gist"],
}


async def main(args):
    reports = args["reports"]
    phase("Read")
    replies = await parallel([agent(f"Which department does the incident report {r} concern?", schema=CONCERNS, label=r) for r in reports])
    unread = [r for r, reply in zip(reports, replies) if reply is None]

    inbox = {department: [] for department in DEPARTMENTS}
    for report, reply in zip(reports, replies):
        if reply and reply["department"] in inbox:
            inbox[reply["department"]].append({"report": report, "harm": reply["harm"], "gist": reply["gist"]})
    log(", ".join(f"{d}: {len(items)}" for d, items in inbox.items()))

    phase("Digest")
    busy = [d for d in DEPARTMENTS if inbox[d]]
    digests = await parallel(
        [agent(f"Write a digest for the head of {d}, major harm first:\n" + "\n".join(f"- ({i['harm']}) {i['gist']}" for i in inbox[d]), tools=[], label=d) for d in busy]
    )
    return {
        "digests": dict(zip(busy, digests)),
        "quiet": [d for d in DEPARTMENTS if not inbox[d]],
        "unread": unread,
    }
