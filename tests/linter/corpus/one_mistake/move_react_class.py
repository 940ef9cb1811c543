"""Move React class components to hooks and check the snapshots."""

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {
        "components": {"type": "array", "items": {"type": "string"}, "maxItems": 18},
        "browser": {"type": "string", "default": "firefox"},
    },
    "required": ["components"],
}
SNAPSHOT = {
    "type": "object",
    "properties": {"equal": {"type": "boolean"}, "pixels": {"type": "integer"}},
    "required": ["equal", "pixels"],
}


def to_hooks(component):
    return agent(f"Rewrite {component} with hooks.", tools=["read", "edit"], isolation="worktree")


def snapshot(change, browser="chrome"):
    return agent(f"Render this patch in {browser} and compare with the stored snapshot:\n{change}", schema=SNAPSHOT)


def summary(shot, component):
    return {"component": component, "equal": shot["equal"], "pixels": shot["pixels"]}


async def main(args):
    rows = await pipeline(
        args["components"],
        to_hooks,
        snapshot(args["browser"]),
        summary,
    )
    changed = [r for r in rows if r and not r["equal"]]
    return {"changed": sorted(changed, key=lambda r: -r["pixels"]), "lost": sum(r is None for r in rows)}
