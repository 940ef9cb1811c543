"""Fix the flaky tests of the project, each in a tree of its own, and say which patches can be taken."""

from dataclasses import dataclass

from weft.primitives import agent, ask, pipeline, verify

ARGS = {
    "type": "object",
    "properties": {"tests": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 15, "uniqueItems": True}},
    "required": ["tests"],
}
LENSES = ["the cause is removed, not hidden by a retry or a sleep", "no other test depends on what was changed"]


@dataclass(frozen=True)
class Fixer:
    lenses: tuple

    async def fix(self, test):
        return await agent(
            f"The test {test} fails now and then. Find the cause and mend it; add neither retries nor sleeps.",
            tools=["read_file", "edit_file", "run_tests"],
            isolation="worktree",
            on_interrupt="rerun",
            label=f"fix:{test}",
        )

    async def review(self, change, test):
        if not change["files"]:
            return {"test": test, "taken": False, "branch": None}
        verdict = await verify(
            {"claim": f"This patch mends the flaky test {test}.", "patch": change["patch"]},
            lenses=list(self.lenses),
            quorum=2,
            subject=change["files"],
        )
        return {"test": test, "taken": verdict["survives"], "branch": change["branch"]}


async def main(args):
    fixer = Fixer(tuple(LENSES))
    reviewed = [row for row in await pipeline(args["tests"], fixer.fix, fixer.review) if row]
    good = [row["branch"] for row in reviewed if row["taken"]]
    answer = await ask(f"Take these branches? {good}", choices=["yes", "no"], default="no", timeout=3600) if good else "no"
    return {"rows": reviewed, "merge": good if answer == "yes" else []}
