"""Collect objections to the new pension scheme from several points of view, without saying the same thing twice."""

from weft.primitives import agent, dedup, parallel

ROLES = ("young employee", "works council", "actuary", "tax adviser", "retired member")
OBJECTIONS = {
    "type": "object",
    "properties": {
        "objections": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"clause": {"type": "string"}, "rationale": {"type": "string"}},
                "required": ["clause", "rationale"],
            },
        }
    },
    "required": ["objections"],
}


def by(*fields):
    def key(row):
        return tuple(" ".join(row[field].casefold().split()) for field in fields)

    return key


def rows(replies, field):
    return (row for reply in filter(None, replies) for row in reply[field])


async def main(args):
    replies = await parallel([agent(f"As a {role}, object to the draft pension scheme, clause by clause.", schema=OBJECTIONS) for role in ROLES])
    distinct = dedup(rows(replies, "objections"), key=by("clause", "rationale"))
    answers = await parallel(
        [agent(f"Of these objections: {distinct}\nanswer only the one to clause {o['clause']}:\n<o>{o['rationale']}</o>") for o in distinct]
    )
    return [{**o, "answer": a} for o, a in zip(distinct, answers) if a]
