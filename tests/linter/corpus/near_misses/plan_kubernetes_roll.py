"""Plan a Kubernetes 1.31 roll-out: least risky cluster first, each plan built on what the one before it taught."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"clusters": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["clusters"],
}
RISK = {
    "type": "object",
    "properties": {"level": {"type": "integer", "minimum": 0, "maximum": 10}, "blocker": {"type": "string"}},
    "required": ["level", "blocker"],
}


async def main(args):
    phase("Assess")
    risks = await parallel(
        [agent(f"Rate the risk of upgrading cluster {c} to 1.31 and name its worst blocker.", schema=RISK) for c in args["clusters"]]
    )
    rated = [(r["level"], c, r["blocker"]) for c, r in zip(args["clusters"], risks) if r]
    phase("Plan")
    lesson = "none yet"
    plans = []
    for level, cluster, blocker in sorted(rated):
        plan = await agent(
            f"Plan the upgrade of {cluster} (blocker: {blocker}). What the previous plan learned: {lesson}. End with one lesson.",
            label=f"plan:{cluster}",
        )
        if plan is None:
            continue
        lesson = plan[-300:]
        plans.append({"cluster": cluster, "level": level, "plan": plan})
    return {"plans": plans, "unrated": len(args["clusters"]) - len(rated)}
