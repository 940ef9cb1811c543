"""Write exam questions: which questions show that somebody has understood this? Checked, and ranked by judges.

Use it on course material, manuals or policies that people must know: each question is attacked before it counts, rounds
go on until there are as many as wanted, and a panel that sees questions and answers alone puts the best first.

Not for a quiz of trivia, and not for material whose facts are in doubt (check-facts first): an answer is right here if
the material says so.
"""

from weft.primitives import (
    agent,
    dedup,
    judge,
    parallel,
    phase,
    semantic_dedup,
    tool,
    understood,
    until_target,
    verify,
)

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "count": {"type": "integer", "description": "How many are wanted", "minimum": 1, "maximum": 40, "default": 10},
        "audience": {"type": "string", "minLength": 3, "default": "somebody who has read the material once"},
        "judges": {"type": "integer", "minimum": 1, "maximum": 7, "default": 3},
    },
}

MOST = 20

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
    verdict = await verify(question, lenses=LENSES)
    against = [vote["reason"] for vote in verdict["votes"] if vote["verdict"] != "supported"]
    return {**question, "outcome": verdict["outcome"], "against": against}


def unheard_of(clusters):
    """Return one question of each cluster in which none has been checked before, whatever became of it."""
    return [same["kept"] for same in clusters if all("outcome" not in one for one in (same["kept"], *same["merged"]))]


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
    there = dedup(args.get("files") or await tool("list_files") or [])
    files = there[:MOST]
    understood(len(files), len(there), hint=f"{MOST} at most are looked at: name those that count")
    audience = args["audience"]
    checked, lost = [], []
    rounds = until_target(args["count"], max_rounds=3)
    for round in rounds:
        phase(f"Write, round {round.number}")
        known = [question["question"] for question in checked]
        written = await parallel([write(file, audience, round.number, known) for file in files])
        new = [question for questions in written if questions for question in questions]
        fresh = unheard_of((await semantic_dedup([*checked, *new], text="question")).clusters)[: len(new)]
        lost += [f"round {round.number}: {file}" for file, got in zip(files, written) if got is None]
        phase("Check")
        tried = [question for question in await parallel([check(question) for question in fresh]) if question]
        checked += tried
        round.found([question for question in tried if question["outcome"] == "survives"])

    phase("Judge")
    kept = [question for question in checked if question["outcome"] == "survives"]
    shown = [{"question": one["question"], "answer": one["answer"]} for one in kept]
    ranking = await judge(shown, criteria=CRITERIA, judges=args["judges"])
    ranked = [kept[standing["index"]] for standing in ranking.standings]
    return {
        "questions": ranked[: args["count"]],
        "ranking": ranking.outcome,
        "agreement": ranking.agreement,
        "more": ranked[args["count"] :],
        **{kind: [one for one in checked if one["outcome"] == kind] for kind in ("undecided", "refuted")},
        "ended": rounds.ended,
        "writers_lost": lost,
        "files_without": [file for file in files if all(question["file"] != file for question in kept)],
        "files_left_out": len(there) - len(files),
    }
