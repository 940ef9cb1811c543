"""What do many papers say together? Agreements, contradictions and open questions, question by question, with places.

Use it for a stack of papers or reports on one topic, each with its own method and limits. Sub-questions are taken from
the abstracts; every paper is read for them; each is settled apart, so that no prompt receives everything.

Not to find the passages that answer one question (answer-from-files), nor for one digest without comparison (digest).
"""

from itertools import zip_longest

from weft.primitives import agent, parallel, phase, pipeline, sample, synthesize, tool, understood, verify

ARGS = {
    "type": "object",
    "properties": {
        "topic": {
            "type": "string",
            "minLength": 3,
            "examples": ["Does caching at the edge lower the latency of reads?"],
        },
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
        "questions": {
            "type": "array",
            "description": "The sub-questions to read for; without them an agent takes them from some abstracts",
            "items": {"type": "string", "minLength": 3},
            "minItems": 1,
            "maxItems": 8,
        },
    },
    "required": ["topic"],
}

QUESTIONS = {
    "type": "object",
    "properties": {"questions": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8}},
    "required": ["questions"],
}

CLAIMS = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "question": {
                        "type": "integer",
                        "minimum": 1,
                        "description": "Number of the sub-question it answers",
                    },
                    "claim": {"type": "string", "description": "What was found, in one sentence with its figures"},
                    "method": {"type": "string", "description": "How, and on what: design, size, setting"},
                    "limits": {"type": "string", "description": "Where it may not hold, as the paper itself says"},
                    "line": {"type": "integer", "description": "The line on which it stands"},
                    "quote": {"type": "string", "description": "The words, as they stand there"},
                },
                "required": ["question", "claim", "method", "limits", "line", "quote"],
            },
        }
    },
    "required": ["claims"],
}

COMPARED = {
    "type": "object",
    "properties": {
        "agreements": {
            "type": "array",
            "maxItems": 10,
            "items": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 40},
        },
        "contradictions": {
            "type": "array",
            "maxItems": 6,
            "items": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2},
        },
        "open": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
    },
    "required": ["agreements", "contradictions", "open"],
}

PAPERS = 100

MOST = 40
"""Claims on one question that one agent compares."""

LENSES = [
    "the wording: does each paper say this, at this place, in this sense",
    "the setting: do both speak of the same thing, measured in the same way, under the same conditions",
]


TOLD = {"contradictions": "survives", "undecided": "undecided", "refuted": "refuted"}
"""Where a pair stands in the result, by what skeptics made of it."""


async def plan(topic, papers):
    """Return the questions that these papers answer, by some of them; the topic alone where no agent could tell."""
    listed = "\n".join(sample(papers, 12))
    reply = await agent(
        "Read the abstracts of the papers below. Which questions within the topic do such papers answer? Those come "
        f"first that several answer.\n<topic>{topic}</topic>\n<papers>\n{listed}\n</papers>",
        schema=QUESTIONS,
        label="plan",
    )
    return reply["questions"] if reply else [topic]


async def read(paper, questions):
    """Return what one paper found, how, and where that may not hold; `None` where its reader is lost."""
    listed = "\n".join(f"{number}. {question}" for number, question in enumerate(questions, start=1))
    reply = await agent(
        "List what this paper found itself, not what it cites, on the questions below, the best supported first. Read "
        f"all of it: {paper}\n{listed}",
        schema=CLAIMS,
        label=f"read:{paper}",
    )
    return reply and {"claims": [{"paper": paper, **c} for c in reply["claims"]], "full": reply["claims"].full}


async def settle(group):
    """Tell which claims on one question agree and which contradict each other; skeptics attack every contradiction."""
    claims = group["claims"]
    compared = await agent(
        f"Papers answer this: {group['question']}\nWhich of their numbered claims agree, and which two cannot both be "
        "true? Where another method or setting explains the difference, they can. What does none of them settle?",
        schema=COMPARED,
        context=[{"number": number, **claim} for number, claim in enumerate(claims)],
        tools=[],
        label=f"compare:{group['question']}",
    )
    if compared is None:
        return {**group, "compared": False}
    checked = await pipeline(among(claims, compared["contradictions"]), attack)
    return {
        **group,
        "compared": True,
        "agreements": among(claims, compared["agreements"]),
        **{name: [pair["claims"] for pair in checked if pair and pair["outcome"] == of] for name, of in TOLD.items()},
        "open": compared["open"],
        "there_may_be_more": compared["agreements"].full or compared["contradictions"].full,
    }


def among(claims, groups):
    """Return the claims that groups of numbers name, where at least two papers make them."""
    named = [[claims[number] for number in numbers if number < len(claims)] for numbers in groups]
    return [found for found in named if len({claim["paper"] for claim in found}) > 1]


async def attack(pair):
    """Let skeptics say whether two findings really cannot both be true."""
    verdict = await verify({"claim": "these two findings cannot both be true", "findings": pair}, lenses=LENSES)
    return {"claims": pair, "outcome": verdict["outcome"]}


async def main(args):
    there = args.get("files") or await tool("list_files") or []
    papers = there[:PAPERS]
    understood(len(papers), len(there), hint=f"{PAPERS} at most are read: name those that count")
    phase("Plan")
    questions = args.get("questions") or (await plan(args["topic"], papers) if papers else [])
    phase("Read")
    replies = await parallel([read(paper, questions) for paper in papers])
    ranked = zip_longest(*[reply["claims"] for reply in replies if reply])
    claims = [claim for of in ranked for claim in of if claim]  # the best supported of each paper first
    numbered = enumerate(questions, start=1)
    on = [{"question": q, "claims": [c for c in claims if c["question"] == n][:MOST]} for n, q in numbered]
    count = sum(len(group["claims"]) for group in on)
    understood(count, len(claims), what="claims", hint=f"no more than {MOST} on one question are compared")

    phase("Compare")
    settled = [found for found in await pipeline([of for of in on if of["claims"]], settle) if found]
    task = f"Say what these papers know together, question by question, and keep their names.\n{args['topic']}"
    return {
        "report": await synthesize(settled, task, fan_in=2) if settled else None,
        "questions": settled,
        "not_answered": [of["question"] for of in on if not of["claims"]],
        "papers_lost": [paper for paper, reply in zip(papers, replies, strict=True) if reply is None],
        "papers_with_more": [paper for paper, reply in zip(papers, replies) if reply and reply["full"]],
        "files_left_out": len(there) - len(papers),
    }
