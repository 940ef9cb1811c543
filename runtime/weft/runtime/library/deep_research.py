"""Research a question in depth: what do the sources say, and does it hold? The report rests on verified claims alone.

Use it where a wrong sentence costs more than a few dozen agents: researchers go on, round after round, until nothing
new turns up, and each claim is attacked before it may stand in the report.

Not for a question that one document answers (answer-from-files), and not for opinions: a claim counts only if a source
can be opened that says so.
"""

import re

from weft.primitives import Seen, agent, finding, parallel, phase, semantic_dedup, understood, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3, "examples": ["What does it take to restore a backup?"]},
        "rounds": {"type": "integer", "minimum": 1, "maximum": 6, "default": 6},
        "researchers": {
            "type": "integer",
            "description": "Into how many questions it is divided at most, one researcher each in every round",
            "minimum": 1,
            "maximum": 6,
            "default": 4,
        },
    },
    "required": ["question"],
}

PARTS = {
    "type": "object",
    "properties": {"questions": {"type": "array", "minItems": 1, "maxItems": 6, "items": {"type": "string"}}},
    "required": ["questions"],
}

CLAIMS = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {
                    "claim": {"type": "string", "description": "One fact, in a sentence that stands on its own"},
                    "source": {"type": "string", "description": "The file or page, as you opened it"},
                    "line": {"type": "integer", "minimum": 1},
                },
                "required": ["claim", "source", "line"],
            },
        }
    },
    "required": ["claims"],
}

LENSES = [
    "the source: open it; does it say so there, as a fact and not as a plan, a quotation or an example",
    "the others: does any other source say otherwise, or that it is no longer so",
    "the limits: does it hold as generally as it is put, with all that stands around it",
]


async def check(claim):
    """Return a claim with what skeptics made of it."""
    verdict = await verify(claim, lenses=LENSES)
    against = [vote["reason"] for vote in verdict["votes"] if vote["verdict"] != "supported"]
    if verdict["survives"]:
        finding(claim)
    return {**claim, "outcome": verdict["outcome"], "against": against}


async def search(part, question, number, known):
    """Let one researcher look for claims that are not known yet; `None` where it is lost."""
    reply = await agent(
        f"Find what the sources say about this, and open them: {part}\nIt is a part of the question: {question}\n"
        "List single facts with their places, and none that is known already. Where there is nothing else, say so "
        "with an empty list.",
        schema=CLAIMS,
        context={"known": known},
        label=f"search {number}: {part}",
    )
    return reply and reply["claims"]


async def written(question, kept):
    """Return the report, and which claims it names by their numbers."""
    numbered = "\n".join(f"[{n}] {c['claim']} ({c['source']}:{c['line']})" for n, c in enumerate(kept, start=1))
    report = await agent(
        f"Answer from these verified claims and from nothing else. Put the number of the claim behind each sentence, "
        f"as in [2]. Say what they leave open.\n<question>{question}</question>\n{numbered}",
        tools=[],
        label="report",
    )
    named = {int(number) for number in re.findall(r"\[(\d+)\]", report or "")}
    return report, named


async def main(args):
    question = args["question"]
    phase("Plan")
    plan = await agent(
        f"Divide this question into {args.get('researchers', 4)} or fewer parts that can be looked up one by one, and "
        f"that leave nothing out.\n<question>{question}</question>",
        schema=PARTS,
        label="plan",
        critical=True,
    )
    parts = plan["questions"][: args["researchers"]]
    seen = Seen(key=lambda claim: (claim["source"], claim["line"], claim["claim"].casefold()))
    checked, lost = [], []
    rounds = until_dry(max_rounds=args["rounds"], patience=2)
    for round in rounds:
        phase(f"Search, round {round.number}")
        known = [claim["claim"] for claim in checked]
        batches = await parallel([search(part, question, round.number, known) for part in parts])
        new = seen.add([claim for claims in batches if claims for claim in claims])
        fresh = await semantic_dedup(new, text="claim")
        round.found(fresh)
        lost += [f"round {round.number}: {part}" for part, claims in zip(parts, batches) if claims is None]
        phase("Verify")
        checked += [claim for claim in await parallel([check(claim) for claim in fresh]) if claim]

    phase("Report")
    kept = [claim for claim in checked if claim["outcome"] == "survives"]
    report, named = await written(question, kept) if kept else (None, set())
    if not kept:
        understood(0, 0, what="claims", hint="no source says anything about it that holds")
    return {
        "report": report,
        "claims": [{"number": n, "named": n in named, **claim} for n, claim in enumerate(kept, start=1)],
        "undecided": [claim for claim in checked if claim["outcome"] == "undecided"],
        "refuted": [claim for claim in checked if claim["outcome"] == "refuted"],
        "named_but_unknown": sorted(named - set(range(1, len(kept) + 1))),
        "ended": rounds.ended,
        "searches_lost": lost,
    }
