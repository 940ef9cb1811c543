"""Release notes: keep a line unless readers object, provided that at least two of the three readers answered."""

from weft.primitives import agent, log, parallel, pipeline

LINES = {
    "type": "object",
    "properties": {"lines": {"type": "array", "maxItems": 16, "items": {"type": "string", "maxLength": 160}}},
    "required": ["lines"],
}
OBJECTION = {
    "type": "object",
    "properties": {"object": {"type": "boolean"}, "word": {"type": "string"}},
    "required": ["object", "word"],
}
READERS = ("a customer who upgrades tomorrow", "the engineer on call", "a lawyer")
ARGS = {"type": "object", "properties": {"tag": {"type": "string"}}, "required": ["tag"]}


async def read(line):
    answers = await parallel([agent(f"As {reader}, would you object to this line? <line>{line}</line>", schema=OBJECTION) for reader in READERS])
    valid = [answer for answer in answers if answer]
    if len(valid) < 2:
        return {"line": line, "state": "unread", "words": []}
    if any(answer["object"] for answer in valid):
        return {"line": line, "state": "objected", "words": [answer["word"] for answer in valid if answer["object"]]}
    return {"line": line, "state": "kept", "words": []}


async def main(args):
    draft = await agent(f"Draft release notes for {args['tag']}, one line a change.", schema=LINES)
    lines = list(dict.fromkeys(draft["lines"])) if draft else []
    states = {"kept": [], "objected": [], "unread": []}
    for row in await pipeline(lines, read):
        if row:
            states[row["state"]].append(row["line"])
    log(", ".join(f"{len(some)} {state}" for state, some in states.items()))
    return states
