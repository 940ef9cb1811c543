"""The fan-out of `journal.py` in LangGraph, with its SQLite checkpointer; runs where LangGraph is installed.

    python bench/langgraph_peer.py fan-out AGENTS CAP FOLDER

Prints CPU seconds and bytes on disk as JSON. Each task's result is written when it ends (durability "async", its
default), as far as LangGraph does that without an fsync for each.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from pathlib import Path

os.environ["LANGSMITH_TRACING"] = "false"

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.func import entrypoint, task


@task
async def at_once(number: int) -> str:
    """Answer at once."""
    await asyncio.sleep(0)
    return "ok"


async def fan_out(size: int, cap: int, folder: Path) -> tuple[float, int]:
    """Return what a fan-out of that size costs in CPU seconds and bytes, after a small one that warms up."""
    async with AsyncSqliteSaver.from_conn_string(str(folder / "langgraph.db")) as saver:

        @entrypoint(checkpointer=saver)
        async def flow(wanted: int) -> int:
            return len(await asyncio.gather(*(at_once(number) for number in range(wanted))))

        async def go(thread: str, wanted: int) -> None:
            config = {"max_concurrency": cap, "configurable": {"thread_id": thread}}
            assert await flow.ainvoke(wanted, config) == wanted

        await go("warm", 10)
        before = cpu()
        await go("main", size)
        spent = cpu() - before
    return spent, sum(path.stat().st_size for path in folder.iterdir())


def cpu() -> float:
    """Return the CPU seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print the cost."""
    _, size, cap, folder = sys.argv[1:]
    spent, stored = asyncio.run(fan_out(int(size), int(cap), Path(folder)))
    sys.stdout.write(json.dumps({"cpu": spent, "bytes": stored}))


if __name__ == "__main__":
    main()
