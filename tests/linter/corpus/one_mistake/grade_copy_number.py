"""Grade the copy-number calls of every sample on a sequencing run."""

import statistics

from weft.primitives import agent, log, phase

ARGS = {
    "type": "object",
    "required": ["samples"],
    "properties": {"samples": {"type": "array", "items": {"type": "string"}, "maxItems": 48}},
}
COVERAGE = {
    "type": "object",
    "required": ["mean_depth", "ploidy"],
    "properties": {"mean_depth": {"type": "integer"}, "ploidy": {"enum": ["haploid", "diploid", "mixed"]}},
}
CALL = {
    "type": "object",
    "required": ["grade"],
    "properties": {"grade": {"enum": ["A", "B", "C", "fail"]}},
}


async def main(args):
    samples = args["samples"]
    depth = [0] * len(samples)
    ploidy = ["unknown"] * len(samples)
    lost = []

    phase("Coverage")
    for i in range(len(samples)):
        row = await agent(f"Open the alignment summary of sample {samples[i]} and state its coverage.", schema=COVERAGE)
        if row is None:
            lost.append(samples[i])
            continue
        depth[i] = row["mean_depth"]
        ploidy[i] = row["ploidy"]

    usable = [d for d in depth if d > 0]
    if not usable:
        return {"grades": {}, "lost": lost}
    floor = statistics.median(usable) / 3

    phase("Grade")
    grades = {}
    for name, d, p in zip(samples, depth, ploidy):
        if d < floor:
            log(f"{name}: too shallow")
            continue
        call = await agent(f"Grade the copy-number calls of {name} (depth {d}, {p}).", schema=CALL)
        grades[name] = call["grade"] if call else "fail"
    return {"grades": grades, "lost": lost}
