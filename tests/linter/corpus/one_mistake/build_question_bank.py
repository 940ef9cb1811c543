"""Build a question bank for a first-aid course: keep asking until there are no new topics, then grade difficulty."""

from weft.primitives import Seen, agent, parallel, phase, until_dry

ARGS = {"type": "object", "properties": {"syllabus": {"type": "string"}}, "required": ["syllabus"]}
QUESTIONS = {
    "type": "object",
    "properties": {
        "questions": {"type": "array", "maxItems": 8, "items": {
            "type": "object",
            "properties": {"topic_id": {"type": "string"}, "question": {"type": "string"}, "answer": {"type": "string"}},
            "required": ["topic_id", "question", "answer"]}},
    },
    "required": ["questions"],
}
OUTLINE = {
    "type": "object",
    "properties": {"topics": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["topics"],
}
RULES = {
    "type": "object",
    "properties": {"pass_mark": {"type": "integer"}, "minutes": {"type": "integer"}},
    "required": ["pass_mark", "minutes"],
}
ROLES = ["lay rescuer", "paramedic", "examiner"]


def memory():
    return Seen(key=lambda q: q["topic_id"])


async def main(args):
    phase("Prepare")
    outline = await agent(f"List the topic ids of the syllabus {args['syllabus']}.", schema=OUTLINE, critical=True)
    rules = await agent(f"Read in {args['syllabus']} how the exam is marked.", schema=RULES, critical=True)
    bank = []
    for turn in until_dry(max_rounds=4, patience=1):
        phase(f"Questions {turn.number}")
        replies = await parallel([
            agent(
                f"Round {turn.number}, as {role}: write questions on topics among {', '.join(outline['topics'])} "
                f"that have none yet. {len(bank)} questions so far.",
                schema=QUESTIONS,
                label=f"{role}:{turn.number}",
            )
            for role in ROLES
        ])
        seen = memory()
        fresh = seen.add(q for r in replies if r for q in r["questions"])
        turn.found(fresh)
        bank.extend(fresh)
    return {"bank": bank, "pass_mark": rules["pass_mark"], "minutes": rules["minutes"]}
