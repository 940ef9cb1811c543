"""What do these files say about a question? Answers any question from documents, with every source.

Each file is searched by an agent of its own; the best passages are verified before they count.

Use it for one question to up to 200 files, where the answer must name the sentences that it rests on.

Not for what no sentence says (counting, ranking, judging), and not for one file, which one agent reads as well.
"""

import math
import re
from collections import Counter

from weft.primitives import agent, dedup, parallel, phase, pipeline, understood, verify

ARGS = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3, "examples": ["What is kept, and for how long?"]},
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 200},
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

PASSAGES = {
    "type": "object",
    "properties": {
        "passages": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {
                    "statement": {"type": "string", "description": "The sentence that answers, word for word"},
                    "source": {"type": "string", "description": "The file"},
                    "line": {"type": "integer", "description": "The line on which the sentence begins"},
                    "heading": {"type": "string", "description": "The heading under which it stands, if there is one"},
                },
                "required": ["statement", "source", "line"],
            },
        }
    },
    "required": ["passages"],
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
                    "first": {"type": "integer", "description": "Number of one passage"},
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
    "the quotation: does it stand there, in these words",
    "the place: does it say so in what stands around it too, and is it no quotation of something that is not so",
]


async def check(passage):
    """Tell whether a passage stands where it is said to stand, and is meant there."""
    verdict = await verify(passage, lenses=LENSES)
    return {"passage": passage, "outcome": verdict["outcome"]}


async def compare(numbered):
    """Find the passages that contradict each other; `None` where nobody could tell."""
    if len(numbered) < 2:
        return []
    reply = await agent(  # weft: ok[P001] at most 40 short passages, each to be held against every other
        "Which of the numbered passages cannot both be true? Pair them by number. "
        "Passages about different parts, versions, times or environments do not contradict each other.",
        schema=CONFLICTS,
        context={"statements": list(numbered.values())},
        tools=[],
        label="compare",
    )
    if reply is None:
        return None
    return [
        {"first": place(numbered[c["first"]]), "second": place(numbered[c["second"]]), "why": c["why"]}
        for c in reply["conflicts"]
        if c["first"] in numbered and c["second"] in numbered
    ]


def place(passage):
    """Return a passage without its number and heading."""
    return {name: passage[name] for name in ("statement", "source", "line")}


def ranked(found, question):
    """Return passages in the order in which they share rare words with the question; rare is what few of them have."""
    said = [stems(f"{passage['statement']} {passage.get('heading', '')}") for passage in found]
    having = Counter(word for words in said for word in words)
    asked = [word for word in stems(question) if having[word]]
    weight = {word: math.log((len(found) + 1) / having[word]) for word in asked}
    order = sorted(range(len(found)), key=lambda number: -sum(weight[word] for word in asked if word in said[number]))
    return [found[number] for number in order]


def stems(text):
    """Return the words of a text in order, each once, cut to what inflection leaves alone."""
    return list(dict.fromkeys(word[:5] for word in re.findall(r"\w+", text.casefold())))


def names(answer, passage):
    """Whether an answer names the place of a passage."""
    where = re.escape(f"{passage['source']}:{passage['line']}")
    return answer is not None and re.search(rf"(?<![\w./-]){where}(?!\d)", answer) is not None


def shown(passage):
    """Return a passage as an item of a prompt."""
    heading = f", under “{passage['heading']}”" if passage.get("heading") else ""
    return f"<item>{passage['statement']} ({passage['source']}:{passage['line']}){heading}</item>"


async def search(files, question):
    """Let an agent for each file list the passages in it that help; `None` where it is lost."""
    return await parallel(
        [
            agent(
                f"Read {file} and list the sentences in it that help to answer this question.\n"
                f"<question>{question}</question>",
                schema=PASSAGES,
                label=f"search:{file}",
            )
            for file in files
        ]
    )


async def answered(question, kept):
    """Return the answer that the passages give, and those of them that contradict each other, `None` if unknown."""
    conflicts = await compare({number: {"number": number, **p} for number, p in enumerate(kept, start=1)})
    listed = "\n".join(shown(passage) for passage in kept)
    warned = "\nSome of them contradict each other; say so." if conflicts else ""
    answer = await agent(
        "Answer this question from the verified passages below and from nothing else. Name the source of each "
        f"point.{warned}\n<question>{question}</question>\n{listed}",
        tools=[],
        label="answer",
    )
    named = [pair for pair in conflicts or [] if names(answer, pair["first"]) or names(answer, pair["second"])]
    return answer, named if conflicts is not None else None


async def main(args):
    left_out = args.get("left_out", {"count": 0, "files": []})
    understood(len(args["files"]), len(args["files"]) + left_out["count"], hint=left_out.get("why", "left out"))
    phase("Search")
    replies = await search(args["files"], args["question"])
    found = dedup(
        [{**p, "source": file} for file, reply in zip(args["files"], replies) if reply for p in reply["passages"]],
        key=lambda passage: (passage["source"], passage["line"], passage["statement"]),
    )
    chosen = ranked(found, args["question"])[:40]

    phase("Verify")
    checked = [found for found in await pipeline(chosen, check) if found]
    by = {
        name: [c["passage"] for c in checked if c["outcome"] == name] for name in ("survives", "undecided", "refuted")
    }
    kept = by["survives"]

    phase("Answer")
    answer, conflicts = await answered(args["question"], kept) if kept else (None, [])
    if not kept:
        hint = "none of them holds for sure" if found else "no file has a sentence that bears on the question"
        understood(0, len(chosen), what="passages", hint=hint)
    return {
        "question": args["question"],
        "answer": answer,
        "conflicts": conflicts,
        "rests_also_on": [place(p) for p in kept if names(answer, p) and p["statement"] not in answer],
        "coverage": {
            "files": len(args["files"]),
            "files_read": sum(1 for reply in replies if reply),
            "files_lost": [file for file, reply in zip(args["files"], replies, strict=True) if reply is None],
            "files_left_out": left_out,
            "files_with_more": [file for file, r in zip(args["files"], replies) if r and r["passages"].full],
            "passages_found": len(found),
            "passages_checked": len(chosen),
            "passages_undecided": [place(passage) for passage in by["undecided"]],
            "passages_refuted": len(by["refuted"]),
        },
    }
