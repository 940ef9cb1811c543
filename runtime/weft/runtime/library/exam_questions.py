"""Write exam questions: which questions show that somebody has understood this? Checked, and ranked by judges.

Use it on course material, manuals or policies that people must know: each question is attacked before it counts, rounds
go on until there are as many as wanted, and a panel that sees only the questions puts the best first.

Not for a quiz of trivia, and not for material whose facts are in doubt (check-facts first): an answer is right here if
the material says so.
"""

from weft.primitives import Seen, agent, judge, parallel, phase, understood, until_target, verify

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 20},
        "count": {"type": "integer", "description": "How many are wanted", "minimum": 1, "maximum": 40, "default": 10},
        "audience": {"type": "string", "minLength": 3, "default": "somebody who has read the material once"},
        "judges": {"type": "integer", "minimum": 1, "maximum": 7, "default": 3},
        "left_out": {
            "type": "object",
            "description": "Files that were there and are not looked at: too many, or no text",
            "properties": {
                "count": {"type": "integer"},
                "files": {"type": "array", "items": {"type": "string"}, "maxItems": 2000},
                "why": {"type": "string"},
            },
            "required": ["count", "files"],
        },
    },
    "required": ["files"],
}

QUESTIONS = {
    "type": "object",
    "properties": {
        "questions": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "question": {"type": "string", "description": "It can be understood without the material at hand"},
                    "answer": {"type": "string"},
                    "line": {"type": "integer", "minimum": 1, "description": "Where the material says so"},
                },
                "required": ["question", "answer", "line"],
            },
        }
    },
    "required": ["questions"],
}

LENSES = [
    "the answer: open the material; is it right, and all that the question asks for",
    "the question: can it be understood without the material, and is there no other right answer",
]

CRITERIA = [
    "answering takes understanding, not remembering a word",
    "somebody who has misunderstood it would answer otherwise",
    "it asks for one thing, in few words",
]


async def check(question):
    """Return a question with what skeptics made of it."""
    verdict = await verify(question, lenses=LENSES, quorum=2)
    said = [vote["verdict"] for vote in verdict["votes"]]
    outcome = "refuted" if "refuted" in said else "confirmed" if verdict["survives"] else "undecided"
    return {**question, "outcome": outcome}


async def write(file, audience, number, known):
    """Let one agent write questions on one file; `None` where it is lost."""
    reply = await agent(
        f"Read {file} and write exam questions on it for {audience}, each with its answer. Ask nothing that is known "
        "already in other words; where there is nothing else worth asking, give an empty list.",
        schema=QUESTIONS,
        context={"known": known},
        label=f"write {number}: {file}",
    )
    return reply and [{"file": file, **question} for question in reply["questions"]]


async def main(args):
    files, left_out = args["files"], args.get("left_out", {"count": 0, "files": []})
    understood(len(files), len(files) + left_out["count"], hint=left_out.get("why", "left out"))
    audience = args.get("audience", "somebody who has read the material once")
    seen = Seen(key=lambda question: question["question"].casefold())
    checked = []
    rounds = until_target(args.get("count", 10), max_rounds=3)
    for round in rounds:
        phase(f"Write, round {round.number}")
        known = [question["question"] for question in checked]
        written = await parallel([write(file, audience, round.number, known) for file in files])
        fresh = seen.add([question for questions in written if questions for question in questions])
        phase("Check")
        tried = [question for question in await parallel([check(question) for question in fresh]) if question]
        checked += tried
        round.found([question for question in tried if question["outcome"] == "confirmed"])

    phase("Judge")
    kept = [question for question in checked if question["outcome"] == "confirmed"]
    ranking = await judge(kept, criteria=CRITERIA, judges=args.get("judges", 3))
    return {
        "questions": ranking[: args.get("count", 10)],
        "ranking": ranking.outcome,
        "agreement": ranking.agreement,
        "more": ranking[args.get("count", 10) :],
        **{kind: [one for one in checked if one["outcome"] == kind] for kind in ("undecided", "refuted")},
        "ended": rounds.ended,
        "files_without": [file for file in files if all(question["file"] != file for question in kept)],
        "files_left_out": left_out,
    }
