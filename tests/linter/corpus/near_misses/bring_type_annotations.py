"""Bring the type annotations of each package up to strict mode, then merge the patches one after another."""

from weft.primitives import agent, log, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"packages": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}},
    "required": ["packages"],
}
DONE = {
    "type": "object",
    "properties": {"errors_before": {"type": "integer"}, "errors_after": {"type": "integer"}},
    "required": ["errors_before", "errors_after"],
}
MERGE = {
    "type": "object",
    "properties": {"merged": {"type": "boolean"}, "conflicts": {"type": "array", "maxItems": 10, "items": {"type": "string"}}},
    "required": ["merged", "conflicts"],
}


async def annotate(package):
    change = await agent(
        f"Edit packages/{package} until the type checker accepts it in strict mode.",
        schema=DONE,
        tools=["read", "edit", "bash"],
        isolation="worktree",
        label=f"annotate:{package}",
    )
    return {"package": package, "branch": change["branch"], "counts": change["result"]} if change else None


async def main(args):
    phase("Annotate")
    changes = [c for c in await pipeline(args["packages"], annotate) if c]
    changes.sort(key=lambda c: c["package"])
    phase("Merge")
    merged, left = [], []
    for change in changes:
        outcome = await agent(
            f"Merge branch {change['branch']} into main and run the whole test suite. Undo the merge if it is red.",
            schema=MERGE,
            tools=["bash", "edit"],
            label=f"merge:{change['package']}",
        )
        if outcome and outcome["merged"]:
            merged.append(change["package"])
        else:
            left.append({"package": change["package"], "conflicts": outcome["conflicts"] if outcome else []})
    log(f"{len(merged)} merged, {len(left)} left")
    return {"merged": merged, "left": left, "fixed": sum(c["counts"]["errors_before"] - c["counts"]["errors_after"] for c in changes)}
