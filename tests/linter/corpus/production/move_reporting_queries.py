"""Move the reporting queries from MySQL to PostgreSQL, one patch each, and say which patches can be merged."""

from weft.primitives import agent, log, phase, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"queries": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 40}},
    "required": ["queries"],
}
LENSES = [
    "it is valid PostgreSQL 16",
    "it returns the same rows in the same order as before",
    "it keeps to our style guide in docs/sql.md",
]


async def rewrite(path):
    change = await agent(
        f"Rewrite the query in {path} for PostgreSQL 16 and change nothing else.",
        isolation="worktree",
        on_interrupt="rerun",
        label=f"rewrite:{path}",
    )
    return change and {"path": path, "branch": change["branch"], "patch": change["patch"]}


async def gate(change):
    claim = {"statement": "This patch moves the query to PostgreSQL without a change of its result.", "file": change["path"], "patch": change["patch"]}
    verdict = await verify(claim, lenses=LENSES, quorum=2, veto=False)
    return {**change, "outcome": verdict["outcome"], "merge": verdict["survives"]}


async def main(args):
    phase("Move")
    gated = await pipeline(args["queries"], rewrite, gate)
    done = {g["path"]: g for g in gated if g}
    log(f"{len(done)} of {len(args['queries'])} queries have a patch")
    return {
        "merge": [{"path": g["path"], "branch": g["branch"]} for g in done.values() if g["merge"]],
        "rejected": [g["path"] for g in done.values() if g["outcome"] == "refuted"],
        "look_again": [g["path"] for g in done.values() if g["outcome"] == "undecided"],
        "no_patch": [q for q in args["queries"] if q not in done],
    }
