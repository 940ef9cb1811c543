"""Hunt for bugs: what goes wrong in this code? Rounds of hunters go on until two in a row have found nothing new.

Use it where one pass is not enough and it cannot be known how many bugs there are: before a release, after an incident.

Not for a quick look (code-review takes one pass), and not where nothing can be read that says what the code should do:
what hunters report is attacked by what the code, its names and its documents promise.
"""

from weft.primitives import agent, dedup, finding, parallel, phase, semantic_dedup, tool, understood, until_dry, verify

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "angles": {
            "type": "array",
            "description": "Where hunters come from, one each in every round",
            "items": {"type": "string", "minLength": 3},
            "minItems": 1,
            "maxItems": 5,
            "default": ["follow the data", "follow the errors", "try the limits: nothing, one, many, twice at once"],
        },
        "rounds": {"type": "integer", "minimum": 1, "maximum": 6, "default": 6},
    },
}

MOST = 100

NEAR = 5
"""Lines within which what says the same is the same."""


def bugs_in(files):
    """Return what a hunter in these files answers; a file goes by its number, which cannot be misspelt."""
    return {
        "type": "object",
        "properties": {
            "bugs": {
                "type": "array",
                "maxItems": 5,
                "items": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "integer", "minimum": 1, "maximum": len(files), "description": "Its number"},
                        "line": {"type": "integer", "minimum": 1, "description": "Where it goes wrong first"},
                        "bug": {"type": "string", "description": "What goes wrong, and with which input"},
                    },
                    "required": ["file", "line", "bug"],
                },
            }
        },
        "required": ["bugs"],
    }


LENSES = [
    "run it in your head: with that input, does that line really do what the claim says",
    "what is promised: does a name, a comment, a test or a document say that it should be otherwise",
    "what guards it: does anything before or after prevent it",
]


async def check(bug):
    """Return a bug with what skeptics made of it."""
    verdict = await verify(bug, lenses=LENSES, quorum=2)
    against = [vote["reason"] for vote in verdict["votes"] if vote["verdict"] != "supported"]
    if verdict["survives"]:
        finding(bug)
    return {**bug, "outcome": verdict["outcome"], "against": against}


def apart(same):
    """Return those of a cluster that stand far from each other, what was checked first: they are not one bug."""
    kept = []
    for one in sorted([same["kept"], *same["merged"]], key=lambda bug: "outcome" not in bug):
        if all(one["file"] != k["file"] or abs(one["line"] - k["line"]) > NEAR for k in kept):
            kept.append(one)
    return kept


async def hunt(files, angle, number, known):
    """Let one hunter look for what is not known yet; `None` where it is lost."""
    listed = "\n".join(f"{n}. {file}" for n, file in enumerate(files, start=1))
    reply = await agent(
        f"Hunt for bugs in these files. Your angle: {angle}. Report what goes wrong for a certain input, and none of "
        f"the known places again. Where you find nothing else, say so with an empty list.\n{listed}",
        schema=bugs_in(files),
        context={"known": known},
        label=f"hunt {number}: {angle}",
    )
    return None if reply is None else [{**bug, "file": files[bug["file"] - 1]} for bug in reply["bugs"]]


async def main(args):
    there = dedup(args.get("files") or await tool("list_files") or [])
    files = there[:MOST]
    understood(len(files), len(there), hint=f"{MOST} at most are looked at: name those that count")
    angles = args["angles"]
    checked, lost = [], []
    rounds = until_dry(max_rounds=args["rounds"], patience=2)
    for round in rounds:
        phase(f"Hunt, round {round.number}")
        known = [f"{bug['file']}:{bug['line']} {bug['bug']}" for bug in checked]
        hunts = await parallel([hunt(files, angle, round.number, known) for angle in angles])
        found = [bug for bugs in hunts if bugs for bug in bugs]
        alike = await semantic_dedup([*checked, *found], text=lambda bug: f"{bug['file']}: {bug['bug']}")
        fresh = [bug for same in alike.clusters for bug in apart(same) if "outcome" not in bug][: len(found)]
        round.found(fresh)
        lost += [f"round {round.number}: {angle}" for angle, bugs in zip(angles, hunts) if bugs is None]
        phase("Verify")
        checked += [bug for bug in await parallel([check(bug) for bug in fresh]) if bug]
    return {
        **{kind: [bug for bug in checked if bug["outcome"] == kind] for kind in ("survives", "undecided", "refuted")},
        "ended": rounds.ended,
        "hunters_lost": lost,
        "files_left_out": len(there) - len(files),
    }
