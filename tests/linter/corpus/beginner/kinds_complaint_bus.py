"""Which kinds of complaint does the bus company get, and what is the first example of each?"""
from weft.primitives import agent, parallel, phase

META = {"name": "bus-complaints", "description": "Kinds of complaints with their first example"}
ARGS = {
    "type": "object",
    "properties": {"letters": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 80}},
    "required": ["letters"],
}
KIND = {
    "type": "object",
    "properties": {"kind": {"type": "string", "enum": ["late", "dirty", "rude", "price", "other"]}},
    "required": ["kind"],
}

first = {}
done = []


async def read_letter(letter):
    reply = await agent("What is this letter to a bus company about?\n" + letter, schema=KIND, label="letter")
    if reply is not None:
        if reply["kind"] not in first:
            first[reply["kind"]] = letter
        done.append(reply["kind"])
    return reply


async def main(args):
    phase("Read")
    jobs = []
    for letter in args["letters"]:
        jobs.append(read_letter(letter))
    await parallel(jobs)
    counts = {}
    i = 0
    while i < len(done):
        counts[done[i]] = counts.get(done[i], 0) + 1
        i = i + 1
    return {"first": first, "order": done, "counts": counts}
