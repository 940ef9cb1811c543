"""Estimate for how many of very many files something holds, from a random sample, with a confidence interval.

Use it where reading every file would cost too much and a share with its error is enough: how many tickets ask for
their money back. What nobody could tell makes the interval wider; what was not looked at is counted.

Not to find the few files that matter, which a sample misses (bug-hunt, log-mining); not for a folder that can be read
as a whole (digest, answer-from-files).
"""

import math

from weft.primitives import agent, log, parallel, phase, sample, tool, understood

ARGS = {
    "type": "object",
    "properties": {
        "question": {
            "type": "string",
            "minLength": 3,
            "description": "What is asked of each file, to be answered with yes or no",
            "examples": ["Does the customer ask for money back?"],
        },
        "files": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
        "size": {"type": "integer", "description": "Files to look at", "minimum": 1, "maximum": 400, "default": 60},
        "twice": {
            "type": "integer",
            "description": "How many of them a second agent looks at too, to see whether the question is clear",
            "minimum": 0,
            "maximum": 40,
            "default": 10,
        },
        "seed": {"type": "integer", "description": "Another number draws another sample", "default": 0},
    },
    "required": ["question"],
}

ANSWER = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "enum": ["yes", "no", "unclear"]},
        "quote": {"type": "string", "description": "The words that decide it, as they stand there"},
        "line": {"type": "integer"},
    },
    "required": ["answer"],
}

ANSWERS = ("yes", "no", "unclear", "lost")

SURE = 1.96
"""Standard deviations on each side of a share: an interval that misses the truth in 5 of 100 samples."""


def look(file, question):
    """Return the agent that answers the question for one file."""
    return agent(
        f"Read {file}, all of it, and answer this question about it. Say unclear where it does not decide it.\n"
        f"<question>{question}</question>",
        schema=ANSWER,
        label=f"look:{file}",
    )


def interval(hits, looked, population):
    """Return the two ends of Wilson's interval for a share, narrower the more of all there are were looked at."""
    population, looked = max(1, population), max(1, looked)
    spread = SURE**2 * (population - looked) / max(1, population - 1)
    centre = (hits + spread / 2) / (looked + spread)
    half = math.sqrt(spread * (hits * (looked - hits) / looked + spread / 4)) / (looked + spread)
    return centre - half, centre + half


def estimate(said, population):
    """Return of how many files it is true. What nobody could tell may be all no, or all yes: that widens it."""
    yes, no, looked = len(said["yes"]), len(said["no"]), sum(map(len, said.values()))
    low, high = interval(yes, looked, population)[0], interval(looked - no, looked, population)[1]
    least, most = max(yes, math.floor(low * population)), min(population - no, math.ceil(high * population))
    return {"least": least, "most": most, "of": population, "confidence": 0.95}


async def main(args):
    question, files = args["question"], args.get("files") or await tool("list_files") or []
    chosen = sample(files, args["size"], seed=args["seed"])
    again = sample(chosen, args["twice"], seed=args["seed"])
    log(f"{len(chosen)} of {len(files)} files are looked at, {len(again)} of them twice")
    phase("Look")
    replies = await parallel([look(file, question) for file in chosen + again])
    first = {file: reply or {"answer": "lost"} for file, reply in zip(chosen, replies, strict=False)}
    second = {file: reply for file, reply in zip(again, replies[len(chosen) :], strict=True) if reply}
    said = {answer: [file for file in chosen if first[file]["answer"] == answer] for answer in ANSWERS}
    if not said["yes"] and not said["no"]:
        understood(0, len(chosen), what="files of the sample", hint="nobody could tell yes from no for any of them")
    both = [file for file in second if first[file]["answer"] != "lost"]
    return {
        "question": question,
        "estimate": estimate(said, len(files)),
        "sample": {answer: len(found) for answer, found in said.items()},
        "yes": [{"file": file, **first[file]} for file in said["yes"]],
        "unclear": said["unclear"],
        "lost": said["lost"],
        "looked_at_twice": len(both),
        "judged_otherwise": [file for file in both if first[file]["answer"] != second[file]["answer"]],
        "not_looked_at": len(files) - len(chosen),
    }
