"""Which documents, notes or pages contradict each other about something? Finds statements that cannot both be true.

Every document is read by an agent of its own; statements of different documents that share a word are compared with
each other, in batches; every contradiction found is attacked by three skeptics. Also lists what is said twice.

Use it on notes, minutes, policies or contracts that several people have written over time.

Not to learn which of two statements is true: it shows both, with their places, and people decide.
"""

import re

from weft.primitives import agent, dedup, log, parallel, phase, pipeline, understood, verify

ARGS = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3, "examples": ["Which of these contradict each other?"]},
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 200},
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
    "required": ["question", "files"],
}

STATEMENTS = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "maxItems": 60,
            "items": {
                "type": "object",
                "properties": {
                    "subject": {
                        "type": "string",
                        "description": "What it is about, with what it inherits from headings, table or list above it",
                    },
                    "statement": {"type": "string", "description": "The sentence, word for word"},
                    "source": {"type": "string", "description": "The file"},
                    "line": {"type": "integer", "description": "The line on which the sentence begins"},
                },
                "required": ["subject", "statement", "source", "line"],
            },
        }
    },
    "required": ["statements"],
}

CONFLICTS = {
    "type": "object",
    "properties": {
        "conflicts": {
            "type": "array",
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {
                    "first": {"type": "integer", "description": "Number of one statement"},
                    "second": {"type": "integer", "description": "Number of the other"},
                    "why": {"type": "string", "description": "The words that cannot both be true"},
                },
                "required": ["first", "second", "why"],
            },
        }
    },
    "required": ["conflicts"],
}

LENSES = [
    "the quotation: do both sentences stand there, in these words, at these lines",
    "the subject: do both speak of the same part, the same version and the same environment",
    "the charity: is there a natural reading under which both are true",
]


MOST_BATCHES = 60
MOST_IN_BATCH = 400
MOST_WITH_WORD = 40
MOST_CHECKED = 80


def batched(said):
    """Put statements that share a word in one batch, the rarest words first; say of how many none was looked at."""
    if len(said) <= MOST_IN_BATCH:
        return [said] if said else [], 0
    having = {}
    for number, statement in enumerate(said):
        text = f"{statement['subject']} {statement['statement']}".casefold()
        for word in sorted(set(re.findall(r"\w{4,}|\d+", text))):
            having.setdefault(word, []).append(number)
    batches, batch, left_out = [], set(), 0
    for word in sorted(having, key=lambda word: (len(having[word]), word)):
        numbers = set(having[word])
        if len({said[number]["source"] for number in numbers}) < 2 or numbers <= batch:
            continue
        if len(numbers) > MOST_WITH_WORD or len(batches) == MOST_BATCHES:
            left_out += 1
            continue
        if len(batch | numbers) > MOST_IN_BATCH:
            batches.append(batch)
            batch = set()
        batch |= numbers
    kept = [*batches, batch][:MOST_BATCHES]
    return [[said[number] for number in sorted(numbers)] for numbers in kept if numbers], left_out


def tell_compared(said, batches):
    """Say what was not compared: statements that are in no batch, or all of them, where one document alone has any."""
    speaking = {statement["source"] for statement in said}
    met = [batch for batch in batches if len({statement["source"] for statement in batch}) > 1]
    if not said:
        understood(0, 0, what="statements", hint="no file has a sentence that bears on the question")
    elif len(speaking) < 2:
        hint = f"only {said[0]['source']} has a sentence that bears on the question, so there is nothing to compare"
        understood(0, 0, what="pairs of documents", hint=hint)
    elif not met:
        hint = "no rare word stands in statements of two documents, so none were compared"
        understood(0, 0, what="pairs of documents", hint=hint)
    elif len(batches) == MOST_BATCHES:
        compared = len({(one["source"], one["line"], one["statement"]) for batch in batches for one in batch})
        understood(compared, len(said), what="statements", hint="more than are compared; name fewer files")


async def compare(batch):
    """Find the contradictions among the statements of one batch."""
    numbered = [{"number": number, **said} for number, said in enumerate(batch, start=1)]
    reply = await agent(
        "Which of the numbered statements cannot both be true? Pair them by number, the surest first. Statements about "
        "different things, parts, versions, times or places do not contradict each other; nor does a limit contradict "
        "what keeps to it, or an exception or a change that is stated as one what it departs from.",
        schema=CONFLICTS,
        context={"statements": numbered},
        label=f"compare:{batch[0]['source']}:{batch[0]['line']}",
    )
    if reply is None:
        return None
    by_number = {entry["number"]: entry for entry in numbered}
    return [
        {
            "subject": by_number[c["first"]]["subject"],
            "first": place(by_number[c["first"]]),
            "second": place(by_number[c["second"]]),
            "why": c["why"],
        }
        for c in reply["conflicts"]
        if c["first"] in by_number and c["second"] in by_number
    ]


def place(said):
    """Return a statement with where it stands."""
    return {n: said[n] for n in ("statement", "source", "line")}


def pair(conflict):
    """Return what tells one contradiction from another, whichever side comes first."""
    sides = (conflict["first"], conflict["second"])
    return tuple(sorted((side["source"], side["line"], side["statement"]) for side in sides))


def first_of(proposed):
    """Return as many contradictions as skeptics check, and say it where there are more."""
    if len(proposed) > MOST_CHECKED:
        understood(MOST_CHECKED, len(proposed), what="contradictions", hint="only the first are checked by skeptics")
    return proposed[:MOST_CHECKED]


async def check(conflict):
    """Return a contradiction with what three skeptics made of it."""
    verdict = await verify({"claim": "these two statements cannot both be true", **conflict}, lenses=LENSES, quorum=2)
    votes = [vote["verdict"] for vote in verdict["votes"]]
    return {**conflict, "outcome": verdict["outcome"], "votes": votes, "independence": verdict["independence"]}


async def main(args):
    left_out = args.get("left_out", {"count": 0, "files": []})
    understood(len(args["files"]), len(args["files"]) + left_out["count"], hint=left_out.get("why", "left out"))
    phase("Read")
    replies = await parallel(
        [
            agent(
                f"Read {file} and list every statement in it that bears on this question.\n"
                f"<question>{args['question']}</question>",
                schema=STATEMENTS,
                label=f"read:{file}",
            )
            for file in args["files"]
        ]
    )
    # Statements can only be compared once all documents have been read: this wait is earned.
    said = dedup(
        [{**s, "source": file} for file, reply in zip(args["files"], replies) if reply for s in reply["statements"]],
        key=lambda statement: (statement["source"], statement["line"], statement["statement"]),
    )
    batches, words_left_out = batched(said)
    log(f"statements: {len(said)}; batches: {len(batches)}")
    tell_compared(said, batches)

    phase("Compare")
    compared = await pipeline(batches, compare)
    proposed = dedup([conflict for found in compared if found for conflict in found], key=pair)
    conflicts = first_of(proposed)

    phase("Verify")
    judged = [conflict for conflict in await pipeline(conflicts, check) if conflict]

    copies = {}
    for statement in said:
        copies.setdefault(statement["statement"], []).append(f"{statement['source']}:{statement['line']}")
    return {
        "question": args["question"],
        "contradictions": [conflict for conflict in judged if conflict["outcome"] == "survives"],
        "undecided": [conflict for conflict in judged if conflict["outcome"] == "undecided"],
        "said_twice": [{"statement": text, "places": places} for text, places in copies.items() if len(places) > 1],
        "coverage": {
            "files": len(args["files"]),
            "files_read": sum(1 for reply in replies if reply),
            "files_left_out": left_out,
            "files_with_more": [file for file, r in zip(args["files"], replies) if r and r["statements"].full],
            "statements": len(said),
            "batches": len(batches),
            "batches_compared": sum(1 for found in compared if found is not None),
            "words_left_out": words_left_out,
            "contradictions_proposed": len(proposed),
            "contradictions_left_out": len(proposed) - len(conflicts),
            "contradictions_refuted": sum(1 for conflict in judged if conflict["outcome"] == "refuted"),
        },
    }
