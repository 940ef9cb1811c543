"""For each topic, find interview partners and draft an invitation to each."""

from functools import reduce

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"topics": {"type": "array", "items": {"type": "string"}, "maxItems": 6}},
    "required": ["topics"],
}
PEOPLE = {
    "type": "object",
    "properties": {
        "people": {
            "type": "array",
            "maxItems": 9,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "work": {"type": "string"}},
                "required": ["name", "work"],
            },
        }
    },
    "required": ["people"],
}


async def main(args):
    found = await parallel([agent(f"Who has done field work on {t}? Name people and one work each.", schema=PEOPLE) for t in args["topics"]])
    people = reduce(lambda acc, reply: acc + reply["people"], filter(None, found), [])
    log(f"{len(people)} candidates")
    letters = await parallel(
        [agent(f"Draft a short invitation to {p['name']}; refer to {p['work']}.", label=p["name"]) for p in people]
    )
    return {"letters": [{"to": p["name"], "text": t} for p, t in zip(people, letters) if t]}
