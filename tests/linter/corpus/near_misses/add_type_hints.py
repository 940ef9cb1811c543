"""Add type hints to each module of a package; each agent has a work tree of its own."""

from weft.primitives import agent, log, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"modules": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["modules"],
}
REVIEW = {
    "type": "object",
    "properties": {"safe": {"type": "boolean"}, "reason": {"type": "string", "maxLength": 300}},
    "required": ["safe", "reason"],
}


async def annotate(module):
    return await agent(
        f"Add type hints to {module}. Change nothing that runs.",
        tools=["read_file", "write_file"],
        isolation="worktree",
        label=f"annotate:{module}",
    )


async def review(change, module):
    opinion = await agent(
        f"Does this patch of {module} change only annotations?\n{change['patch']}",
        schema=REVIEW,
        tools=["read_file"],
        label=f"review:{module}",
    )
    safe = bool(opinion) and opinion["safe"]
    return {"module": module, "branch": change["branch"], "safe": safe, "reason": opinion["reason"] if opinion else "not reviewed"}


async def main(args):
    phase("Annotate")
    rows = await pipeline(args["modules"], annotate, review)
    reviewed = [row for row in rows if row]
    log(f"{sum(row['safe'] for row in reviewed)} patches are safe")
    return {
        "merge": [row["branch"] for row in reviewed if row["safe"]],
        "look_at": [row for row in reviewed if not row["safe"]],
        "lost": [module for module, row in zip(args["modules"], rows) if row is None],
    }
