"""Raise the memory limits in the charts of a cluster, as patches to look over."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"charts": {"type": "array", "items": {"type": "string"}, "maxItems": 30}, "percent": {"type": "integer", "default": 20}},
    "required": ["charts"],
}
ALONE = {"isolation": "worktree"}
EDITOR = {"tools": ["read_file", "edit_file"], **ALONE}


async def raise_limits(chart, percent):
    change = await agent(f"Edit the file {chart}: raise each memory limit by {percent} %.", **EDITOR)
    return {"chart": chart, "branch": change["branch"], "files": change["files"]} if change else None


async def main(args):
    changes = await parallel([raise_limits(chart, args["percent"]) for chart in args["charts"]])
    return {"patches": [change for change in changes if change and change["files"]], "lost": len(changes.lost)}
