"""Research a question in depth: what do the sources say, and does it hold? The report rests on verified claims alone.

Use it where a wrong sentence costs more than a few dozen agents: researchers go on, round after round, until nothing
new turns up, and each claim is attacked before it may stand in the report.

Not for a question that one document answers (answer-from-files), and not for what stands in no source that agents can
open: they look in the folders of `--dir`.
"""

import re

from weft.primitives import agent, finding, parallel, phase, semantic_dedup, understood, until_dry, verify

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


def parts_of(most):
    """Return what somebody answers who divides a question into so many parts at most."""
    questions = {"type": "array", "minItems": 1, "maxItems": most, "items": {"type": "string"}}
    return {"type": "object", "properties": {"questions": questions}, "required": ["questions"]}


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
    verdict = await verify({name: claim[name] for name in ("claim", "source", "line")}, lenses=LENSES, quorum=2)
    against = [vote["reason"] for vote in verdict["votes"] if vote["verdict"] != "supported"]
    if verdict["survives"]:
        finding(claim)
    return {**claim, "outcome": verdict["outcome"], "against": against}


def unheard_of(clusters):
    """Return one claim of each cluster in which none has been checked before, with the other places that say so."""
    return [
        {**same["kept"], "also": [place(one) for one in same["merged"]]}
        for same in clusters
        if all("outcome" not in one for one in (same["kept"], *same["merged"]))
    ]


def place(claim):
    return f"{claim['source']}:{claim['line']}"


async def search(part, question, number, known):
    """Let one researcher look for claims that are not known yet; `None` where it is lost."""
    reply = await agent(
        f"Find what the sources say about this, and open them: {part}\nIt is a part of the question: {question}\n"
        "List single facts with their places, none that is known already; an empty list where there is nothing else.",
        schema=CLAIMS,
        context={"known": known},
        label=f"search {number}: {part}",
    )
    return reply and reply["claims"]


async def written(question, kept):
    """Return the report, and which claims it names by their numbers."""
    numbered = "\n".join(
        f"[{n}] {c['claim']} ({', '.join([place(c), *c['also']])})" for n, c in enumerate(kept, start=1)
    )
    report = await agent(
        f"Answer from these verified claims and from nothing else. Put the number of the claim behind each sentence, "
        f"as in [2]. Say what they leave open.\n<question>{question}</question>\n{numbered}",
        tools=[],
        label="report",
    )
    named = {int(n) for inside in re.findall(r"\[([\d,; ]+)\]", report or "") for n in re.findall(r"\d+", inside)}
    return report, named


async def main(args):
    question = args["question"]
    phase("Plan")
    plan = await agent(
        f"Divide this question into {args['researchers']} or fewer parts that can be looked up one by one, and that "
        f"leave nothing out.\n<question>{question}</question>",
        schema=parts_of(args["researchers"]),
        label="plan",
        critical=True,
    )
    parts, checked, lost = plan["questions"][: args["researchers"]], [], []
    rounds = until_dry(max_rounds=args["rounds"], patience=2)
    for round in rounds:
        phase(f"Search, round {round.number}")
        known = [claim["claim"] for claim in checked]
        batches = await parallel([search(part, question, round.number, known) for part in parts])
        found = [claim for claims in batches if claims for claim in claims]
        fresh = unheard_of((await semantic_dedup([*checked, *found], text="claim")).clusters)[: len(found)]
        round.found(fresh)
        lost += [f"round {round.number}: {part}" for part, claims in zip(parts, batches) if claims is None]
        phase("Verify")
        checked += [claim for claim in await parallel([check(claim) for claim in fresh]) if claim]

    phase("Report")
    kept = [claim for claim in checked if claim["outcome"] == "survives"]
    report, named = await written(question, kept) if kept else (None, set())
    understood(len(kept), len(kept), what="claims", hint="no source says anything about it that holds")
    return {
        "report": report,
        "claims": [{"number": n, "named": n in named, **claim} for n, claim in enumerate(kept, start=1)],
        **{kind: [claim for claim in checked if claim["outcome"] == kind] for kind in ("undecided", "refuted")},
        "named_but_unknown": sorted(named - set(range(1, len(kept) + 1))),
        "ended": rounds.ended,
        "searches_lost": lost,
    }
