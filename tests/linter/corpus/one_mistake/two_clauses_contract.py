"""Do two clauses of the contract contradict each other?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"clauses": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["clauses"],
}
CLASH = {
    "type": "object",
    "properties": {"clash": {"type": "boolean"}, "sentence": {"type": "string"}},
    "required": ["clash", "sentence"],
}


def with_later(clauses):
    for index, clause in enumerate(clauses):
        for later in clauses[index + 1 :]:
            yield clause, later


def compare(pair):
    first, second = pair
    return agent(f"Can both be kept?\nOne: {first}\nTwo: {second}", schema=CLASH)


async def main(args):
    pairs = list(with_later(args["clauses"]))
    answers = await parallel([compare(pair) for pair in pairs])
    return [
        {"one": first, "two": second, "why": answer["sentence"]}
        for (first, second), answer in zip(pairs, answers)
        if answer and answer["clash"]
    ]
