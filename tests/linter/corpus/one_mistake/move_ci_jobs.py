"""Move CI jobs to another runner: which tools does the new image lack?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"jobs": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["jobs"],
}
NEEDS = {
    "type": "object",
    "properties": {"tools": {"type": "array", "maxItems": 6, "items": {"type": "string"}}},
    "required": ["tools"],
}
AUTHORS = ["small", "medium"]
PRESENT = dict.fromkeys(["git", "make", "python3", "node", "docker", "jq"], True)


async def main(args):
    replies = await parallel([agent(f"Which command-line tools does the CI job {j} call?", schema=NEEDS) for j in args["jobs"]])
    wanted = {}
    for job, reply in zip(args["jobs"], replies):
        for name in reply["tools"] if reply else ():
            wanted.setdefault(name.strip().lower(), []).append(job)
    lacking = wanted.keys() - PRESENT.keys()
    steps = await parallel(
        [
            agent(f"Write the install step for {t}, used by {', '.join(wanted[t])}.", model=AUTHORS[hash(t) % len(AUTHORS)])
            for t in lacking
        ]
    )
    return {"steps": [s for s in steps if s], "lacking": len(lacking)}
