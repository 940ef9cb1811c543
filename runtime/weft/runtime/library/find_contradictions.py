"""Which documents, notes or pages contradict each other about something? Finds statements that cannot both be true.

Every document is read by an agent of its own; statements about the same subject are compared with each other; every
contradiction found is attacked by three skeptics. Also lists what is said twice, word for word.
"""

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
            "maxItems": 25,
            "items": {
                "type": "object",
                "properties": {
                    "subject": {"type": "string", "description": "What it is about, by its proper name"},
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
            "maxItems": 12,
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


async def compare(group):
    """Find the contradictions among the statements about one subject."""
    numbered = [{"number": number, **said} for number, said in enumerate(group["said"], start=1)]
    reply = await agent(
        f"Which of the numbered statements about {group['subject']} cannot both be true? Pair them by number. "
        "Statements about different parts, versions, times or environments do not contradict each other.",
        schema=CONFLICTS,
        context={"subject": group["subject"], "statements": numbered},
        label=f"compare:{group['subject']}",
    )
    if reply is None:
        return None
    by_number = {
        number: {"statement": said["statement"], "source": said["source"], "line": said["line"]}
        for number, said in enumerate(group["said"], start=1)
    }
    return [
        {"subject": group["subject"], "first": by_number[c["first"]], "second": by_number[c["second"]], "why": c["why"]}
        for c in reply["conflicts"]
        if c["first"] in by_number and c["second"] in by_number
    ]


async def check(conflict):
    """Keep a contradiction that three skeptics could not take apart."""
    verdict = await verify({"claim": "these two statements cannot both be true", **conflict}, lenses=LENSES, quorum=2)
    if not verdict["survives"]:
        return None
    votes = [vote["verdict"] for vote in verdict["votes"]]
    return {**conflict, "votes": votes, "independence": verdict["independence"]}


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
        [statement for reply in replies if reply for statement in reply["statements"]],
        key=lambda statement: (statement["source"], statement["line"], statement["statement"]),
    )
    groups = {}
    for statement in said:
        groups.setdefault(statement["subject"].casefold(), []).append(statement)
    several = [
        {"subject": group[0]["subject"], "said": group[:60]}
        for group in groups.values()
        if len({statement["source"] for statement in group}) > 1
    ]
    chosen = several[:60]
    log(f"{len(said)} statements about {len(groups)} subjects")
    if not said:
        understood(0, 0, what="statements", hint="no file has a sentence that bears on the question")

    phase("Compare")
    compared = await pipeline(chosen, compare)
    proposed = [conflict for found in compared if found for conflict in found]
    conflicts = proposed[:80]

    phase("Verify")
    kept = [conflict for conflict in await pipeline(conflicts, check) if conflict]

    copies = {}
    for statement in said:
        copies.setdefault(statement["statement"], []).append(f"{statement['source']}:{statement['line']}")
    return {
        "question": args["question"],
        "contradictions": kept,
        "said_twice": [{"statement": text, "places": places} for text, places in copies.items() if len(places) > 1],
        "coverage": {
            "files": len(args["files"]),
            "files_read": sum(1 for reply in replies if reply),
            "files_left_out": left_out,
            "statements": len(said),
            "subjects": len(groups),
            "subjects_compared": sum(1 for found in compared if found is not None),
            "subjects_left_out": len(several) - len(chosen),
            "statements_left_out": sum(max(0, len(group) - 60) for group in groups.values()),
            "contradictions_proposed": len(proposed),
            "contradictions_left_out": len(proposed) - len(conflicts),
        },
    }
