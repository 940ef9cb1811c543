"""What one agent costs the runtime, by the width of the fan-out: real sandbox, real journal, agents that do nothing.

    python bench/fanout.py [WIDTH …]

The figure is CPU time of the host and the child per agent. It should not grow with the width.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

import anyio

from weft.runtime import AgentReply, AgentRequest, Project, Settings, parse_harness, run
from weft.sandbox.launcher import end_server

HARNESS = """
async def block(first, last):
    return len(await parallel([agent(f"{n}") for n in range(first, last)]))

async def main(args):
    # One fan-out may have 4,096 branches; these have branches themselves.
    size = 1000
    return sum(await parallel([block(n, min(n + size, args["n"])) for n in range(0, args["n"], size)]))
"""


async def nothing(_request: AgentRequest) -> AgentReply:
    """Answer at once."""
    await asyncio.sleep(0)
    return AgentReply(value="ok")


def cpu() -> float:
    """Return the CPU seconds of this process and of all that it started."""
    end_server()  # only then is it known what the children took that were forked from it
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def measure(width: int) -> tuple[float, float]:
    """Return CPU and wall seconds of a run of that width."""
    harness = parse_harness(HARNESS, name="bench", filename="bench.py")
    with tempfile.TemporaryDirectory() as folder:
        before, begun = cpu(), time.perf_counter()
        options = Settings(max_agents=width, concurrency=16)
        done = anyio.run(lambda: run(harness, {"n": width}, options, Project(Path(folder)), agents=nothing))
        assert done.state.ended is not None and done.state.ended.result == width
        return cpu() - before, time.perf_counter() - begun


def main() -> None:
    """Print a line for each width, and what the widest costs more for each agent than the narrowest."""
    widths = [int(width) for width in sys.argv[1:]] or [250, 1000, 10_000]
    measure(10)  # imports
    fixed, _ = measure(1)
    each = {}
    for width in widths:
        spent, wall = measure(width)
        each[width] = (spent - fixed) / width
        sys.stdout.write(f"{width:>6} agents  {each[width] * 1e6:7.0f} µs CPU each  {wall:6.2f} s wall\n")
    sys.stdout.write(f"widest / narrowest: {each[widths[-1]] / each[widths[0]]:.2f}\n")


if __name__ == "__main__":
    main()
