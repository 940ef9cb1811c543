"""Of this week's CVEs, work out the eight that matter most for our image and plan the patch for each."""

from weft.primitives import agent, phase, pipeline, top_k

ARGS = {
    "type": "object",
    "properties": {"cves": {"type": "array", "maxItems": 30, "items": {"type": "string"}}},
    "required": ["cves"],
}
WEIGH = {
    "type": "object",
    "properties": {"package": {"type": "string"}, "exposure": {"type": "integer", "minimum": 0, "maximum": 10}},
    "required": ["package", "exposure"],
}


async def weigh(cve):
    answer = await agent(f"How exposed is our base image to {cve}?", schema=WEIGH, label=cve)
    return answer and {"cve": cve, **answer}


async def find_fix(row):
    fixed = await agent(f"Which release of {row['package']} mends {row['cve']}? One line.")
    return {**row, "fixed": fixed} if fixed else None


async def plan(row):
    steps = await agent(f"Write the steps to bring {row['package']} to <release>{row['fixed']}</release> in our Dockerfile.")
    return {"cve": row["cve"], "steps": steps} if steps else None


async def main(args):
    phase("Weigh")
    weighed = await pipeline(args["cves"], weigh)
    worst = top_k([row for row in weighed if row], 8, by="exposure")
    phase("Plan")
    plans = await pipeline(worst, find_fix, plan)
    return {"plans": [p for p in plans if p], "left_out": len(args["cves"]) - len(worst)}
