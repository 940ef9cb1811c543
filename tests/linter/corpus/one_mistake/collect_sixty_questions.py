"""Collect sixty questions for a pub quiz on rivers."""

from weft.primitives import Seen, agent, log, parallel, until_target

QUIZ = {
    "type": "object",
    "properties": {
        "questions": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"river": {"type": "string"}, "question": {"type": "string"}, "answer": {"type": "string"}},
                "required": ["river", "question", "answer"],
            },
        }
    },
    "required": ["questions"],
}
CONTINENTS = ("Europe", "Asia", "Africa")
WANTED = 60


def ask(continent, number):
    return agent(f"Sheet {number}: four quiz questions, each on another river of {continent}.", schema=QUIZ)


async def main(args):
    seen = Seen(key=lambda row: row["river"].casefold())
    sheet = []
    for turn in until_target(WANTED, max_rounds=4):
        replies = await parallel([ask(continent, turn.number) for continent in CONTINENTS])
        fresh = seen.add(row for reply in replies if reply for row in reply["questions"])
        turn.found(fresh)
        sheet += fresh
        log(f"{len(sheet)} questions")
    return {"questions": [{"question": row["question"], "answer": row["answer"]} for row in sheet]}
