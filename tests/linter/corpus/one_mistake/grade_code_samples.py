"""Grade the code samples of applicants for a JavaScript position along one rubric."""
from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"samples": {"type": "array", "items": {"type": "string"}, "maxItems": 25}},
    "required": ["samples"],
}
GRADE = {
    "type": "object",
    "properties": {
        "readability": {"type": "integer", "minimum": 1, "maximum": 5},
        "errors": {"type": "integer", "minimum": 0},
        "remark": {"type": "string"},
    },
    "required": ["readability", "errors", "remark"],
}


async def fetch_readme(sample):
    return await agent(f"Summarise the README of {sample} in five lines.", label=f"readme:{sample}")


async def grade(sample, readme):
    return await agent(
        f"Grade the code in {sample} for readability and errors. What it wants to be:\n<readme>{readme}</readme>",
        schema=GRADE,
        label=f"grade:{sample}",
    )


def with_sample(sample, result):
    return {"sample": sample, **result} if result else {"sample": sample, "readability": None, "errors": None, "remark": "not graded"}


async def main(args):
    samples = args["samples"]
    phase("Read")
    readmes = await parallel([fetch_readme(s) for s in samples])

    phase("Grade")
    pending = []
    for sample, readme in zip(samples, readmes):
        pending.append(await grade(sample, readme or "no README"))
    grades = await parallel(pending)

    rows = [with_sample(s, g) for s, g in zip(samples, grades)]
    best = [r["sample"] for r in rows if r["readability"] is not None and r["readability"] >= 4 and r["errors"] == 0]
    return {"rows": rows, "best": best}
