"""Define the terms of a glossary in three registers."""

from functools import partial

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "required": ["terms"],
    "properties": {"terms": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
}


def for_child(term):
    return lambda: agent(f"Explain '{term}' to a child in one sentence.")


def for_lawyer(term, *, words):
    return agent(f"Define '{term}' for a contract in at most {words} words.")


async def main(args):
    terms = args["terms"]
    plain = [lambda t=term: agent(f"Define '{t}' for a newspaper reader.") for term in terms]
    simple = [for_child(term) for term in terms]
    strict = [partial(for_lawyer, term, words=40) for term in terms]
    answers = await parallel(plain + simple + strict)
    third = len(terms)
    rows = zip(terms, answers[:third], answers[third : 2 * third], answers[2 * third :])
    return [dict(zip(("term", "plain", "simple", "strict"), row)) for row in rows if all(row)]
