"""Follow the references of these lease clauses to the clauses that they depend on, three levels deep."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"clauses": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10}},
    "required": ["clauses"],
}
CLAUSE = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "maxLength": 2000},
        "refers_to": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
    },
    "required": ["text", "refers_to"],
}


async def walk(number, depth, above=()):
    if number in above:
        return {"clause": number, "circular": True}
    clause = await agent(f"Quote clause {number} of lease.txt and list the clauses that it refers to.", schema=CLAUSE, label=number)
    if clause is None:
        return {"clause": number, "lost": True}
    leaf = {"clause": number, "text": clause["text"]}
    if depth == 0:
        return {**leaf, "not_followed": [*clause["refers_to"]], "more": clause["refers_to"].full}
    below = await parallel([walk(ref, depth - 1, (*above, number)) for ref in clause["refers_to"]])
    return {**leaf, "depends_on": below, "more": clause["refers_to"].full}


async def main(args):
    phase("Follow")
    trees = await parallel([walk(number, 2) for number in args["clauses"]])
    return {"trees": dict(zip(args["clauses"], trees))}
