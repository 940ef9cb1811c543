"""What do a hundred survey answers wish for? Put together in a tree, with what is lost told."""

from weft.primitives import agent, log, parallel, phase, synthesize

ARGS = {
    "type": "object",
    "properties": {"batches": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 32}},
    "required": ["batches"],
}
WISHES = {
    "type": "object",
    "properties": {"wishes": {"type": "array", "maxItems": 4, "items": {"type": "string", "maxLength": 200}}},
    "required": ["wishes"],
}


async def main(args):
    phase("Read")
    replies = await parallel([agent(f"Which wishes stand in the survey answers of {batch}?", schema=WISHES, label=batch) for batch in args["batches"]])
    wishes = [wish for reply in replies if reply for wish in reply["wishes"]]
    unread = [batch for batch, reply in zip(args["batches"], replies) if reply is None]
    log(f"{len(wishes)} wishes, {len(unread)} batches unread")
    if not wishes:
        return {"text": None, "unread": unread}
    phase("Put together")
    text = await synthesize(wishes, "Put the wishes together; say how often each is uttered.", fan_in=16)
    return {"text": text, "wishes": len(wishes), "unread": unread}
