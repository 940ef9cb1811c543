"""Review code: which defects are in these files? One reviewer per dimension, each finding attacked before it counts.

Use it on a change or a folder before a release, where a single reader would look for one kind of defect and miss the
others. What skeptics could not decide is listed apart from what they refuted, and so is what nobody checked.

Not for a whole repository at once (codebase-map first), not to mend anything (migration does), and not for one small
file, which one agent reads as well.
"""

from weft.primitives import agent, dedup, parallel, phase, semantic_dedup, tool, understood, verify

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "dimensions": {
            "type": "array",
            "description": "What is looked for, one reviewer each",
            "items": {"type": "string", "minLength": 3},
            "minItems": 1,
            "maxItems": 6,
            "default": ["wrong results", "errors that are swallowed", "races and leaks", "what callers are promised"],
        },
        "most": {
            "type": "integer",
            "description": "How many findings are verified, the gravest first",
            "minimum": 1,
            "maximum": 60,
            "default": 24,
        },
    },
}


SEVERITIES = ["critical", "major", "minor"]

MOST, BATCH = 60, 6

NEAR = 5
"""Lines within which what says the same is the same."""


def findings_in(files):
    """Return what a reviewer of these files answers; a file goes by its number, which cannot be misspelt."""
    return {
        "type": "object",
        "properties": {
            "findings": {
                "type": "array",
                "maxItems": 8,
                "items": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "integer", "minimum": 1, "maximum": len(files), "description": "Its number"},
                        "line": {"type": "integer", "minimum": 1},
                        "defect": {"type": "string", "description": "What goes wrong, and with which input"},
                        "severity": {"type": "string", "enum": SEVERITIES},
                        "mend": {"type": "string", "description": "What would mend it"},
                    },
                    "required": ["file", "line", "defect", "severity", "mend"],
                },
            }
        },
        "required": ["findings"],
    }


LENSES = [
    "the code: does it stand at that line, and do what the claim says it does",
    "the way there: can a caller reach it with such an input, or does something before it prevent that",
    "the harm: is what comes out really wrong, by what the code, its names and its documents promise",
]


def grave(finding):
    """Return what puts the gravest finding first, and those of one file in order."""
    return SEVERITIES.index(finding["severity"]), finding["file"], finding["line"]


def apart(same):
    """Return those of a cluster that stand far from each other, the gravest first: they are not one defect."""
    kept = []
    for one in sorted([same["kept"], *same["merged"]], key=grave):
        if all(one["file"] != k["file"] or abs(one["line"] - k["line"]) > NEAR for k in kept):
            kept.append(one)
    return kept


async def review(batch, dimension):
    """Let one reviewer look at a few files for one kind of defect; `None` where it is lost."""
    numbered = "\n".join(f"{number}. {file}" for number, file in enumerate(batch, start=1))
    reply = await agent(
        f"Review these files for one thing only: {dimension}. Open each of them. Report defects that you can show, "
        f"none that are matters of taste, and none where there is none.\n{numbered}",
        schema=findings_in(batch),
        label=f"review:{dimension}:{batch[0]}",
    )
    return reply and {
        "findings": [{**f, "file": batch[f["file"] - 1], "dimension": dimension} for f in reply["findings"]],
        "full": reply["findings"].full,
    }


async def check(finding):
    """Return a finding with what skeptics made of it, who get the claim and its place, and not the reviewer's mend."""
    claim = {"claim": finding["defect"], "file": finding["file"], "line": finding["line"]}
    verdict = await verify(claim, lenses=LENSES, quorum=2)
    against = [vote["reason"] for vote in verdict["votes"] if vote["verdict"] != "supported"]
    return {**finding, "outcome": verdict["outcome"], "against": against}


async def main(args):
    there = dedup(args.get("files") or await tool("list_files") or [])
    files = there[:MOST]
    understood(len(files), len(there), hint=f"{MOST} at most are looked at: name those that count")
    phase("Review")
    jobs = [
        (files[start : start + BATCH], dimension)
        for start in range(0, len(files), BATCH)
        for dimension in args["dimensions"]
    ]
    reviews = await parallel([review(batch, dimension) for batch, dimension in jobs])
    said = [finding for review in reviews if review for finding in review["findings"]]
    alike = await semantic_dedup(said, text=lambda f: f"{f['file']}: {f['defect']}")
    found = sorted([finding for same in alike.clusters for finding in apart(same)], key=grave)

    phase("Verify")
    chosen = found[: args["most"]]
    checked = [finding for finding in await parallel([check(finding) for finding in chosen]) if finding]
    named = [(f"{dimension}: {', '.join(batch)}", got) for (batch, dimension), got in zip(jobs, reviews)]
    return {
        **{kind: [f for f in checked if f["outcome"] == kind] for kind in ("survives", "undecided", "refuted")},
        "not_checked": found[len(chosen) :],
        "reviews_lost": [name for name, got in named if got is None],
        "there_may_be_more": [name for name, got in named if got and got["full"]],
        "files_left_out": len(there) - len(files),
    }
