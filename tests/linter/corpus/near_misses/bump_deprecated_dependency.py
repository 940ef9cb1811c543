"""Bump a deprecated dependency in every package and merge the changes."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "required": ["packages", "dependency"],
    "properties": {
        "packages": {"type": "array", "items": {"type": "string"}, "maxItems": 24},
        "dependency": {"type": "string"},
    },
}
OUTCOME = {"type": "object", "required": ["green"], "properties": {"green": {"type": "boolean"}}}


class Bump:
    def __init__(self, dependency):
        self.dependency = dependency
        self.merged = []
        self.refused = []

    def edit(self, package):
        return agent(
            f"Edit the manifest of package {package}: move {self.dependency} to its newest release and repair the callers.",
            schema=OUTCOME,
            tools=["read_file", "edit_file", "bash"],
            isolation="worktree",
        )

    async def merge(self, package, change):
        if change is None or not change["result"]["green"]:
            self.refused.append(package)
            return
        outcome = await agent(
            f"Merge branch {change['branch']} of package {package} into the main tree and run all tests.",
            schema=OUTCOME,
            tools=["bash"],
        )
        (self.merged if outcome and outcome["green"] else self.refused).append(package)


async def main(args):
    bump = Bump(args["dependency"])
    phase("Edit")
    changes = await parallel([bump.edit(p) for p in args["packages"]])
    phase("Merge")
    for package, change in zip(args["packages"], changes):
        await bump.merge(package, change)
    return {"merged": bump.merged, "refused": bump.refused}
