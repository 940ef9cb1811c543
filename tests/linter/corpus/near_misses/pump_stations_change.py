"""Pump stations: change each configuration in a worktree of its own, and list the branches."""

from weft.primitives import agent, log, parallel, tool


async def main(args):
    paths = (await tool("list_files", pattern="stations/*.toml") or [])[:20]
    changes = await parallel(
        [
            agent(
                f"Edit {path}: write every pressure in kilopascal instead of bar.",
                tools=["read_file", "edit"],
                isolation="worktree",
                label=path,
            )
            for path in paths
        ]
    )
    done = [change for change in changes if change is not None]
    if len(done) < len(paths):
        log(f"{len(paths) - len(done)} stations were not changed")
    return {"branches": [change["branch"] for change in done]}
