"""The fan-out of `journal.py` and the pipeline of `pipeline.py` in pi-dynamic-workflows-py, where that is installed.

    python bench/pi_peer.py fan-out AGENTS CAP FOLDER
    python bench/pi_peer.py pipeline FOLDER < DURATIONS

Prints CPU seconds (host and child) and bytes on disk, or seconds on the wall, as JSON. It is the nearest to Weft: a
script in a child process calls agents of the host through a pipe, and each answer is appended to a journal. What
differs: it opens and closes the journal for each answer and never calls fsync, so a power cut takes answers that the
script has seen; only answers are recorded, neither calls nor starts nor fan-outs; the child is held by resource limits
and an audit hook, without a restricted language, landlock or seccomp; the order of answers is not kept.

The seconds of a pipeline count from the first thing its script asks for to the last, without starting the child,
compiling the script and ending; Weft's count those two.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from pi_dynamic_workflows.journal import Journal
from pi_dynamic_workflows.runtime import AgentResult, SubagentExecutor, WorkflowRuntime
from pi_dynamic_workflows.sandbox import SandboxLimits

FAN_OUT = """
async def main():
    result(len(await parallel([lambda n=n: agent(f"Say {n}.", label=f"a{n}") for n in range(args["n"])])))
"""
PIPELINE = """
async def main():
    def stage(number):
        async def ask(value, item, index):
            return await agent(f"{item} {number}")
        return ask

    await agent("began")
    done = await pipeline(range(args["items"]), *[stage(number) for number in range(args["stages"])])
    await agent("ended")
    result(len(done))
"""


class AtOnce(SubagentExecutor):
    """Answers at once."""

    async def run_agent(self, prompt: str, **_options: Any) -> AgentResult:
        """Answer."""
        await asyncio.sleep(0)
        return AgentResult(text="ok")


class Sleeper(SubagentExecutor):
    """Takes as long as each stage of each item takes, and notes when the script begins and ends."""

    def __init__(self, takes: list[list[float]]) -> None:
        self._takes = takes
        self.asked: dict[str, float] = {}

    async def run_agent(self, prompt: str, **_options: Any) -> AgentResult:
        """Answer after a while."""
        if prompt in ("began", "ended"):
            self.asked[prompt] = time.perf_counter()
        else:
            item, stage = map(int, prompt.split())
            await asyncio.sleep(self._takes[item][stage])
        return AgentResult(text="ok")


async def fan_out(size: int, cap: int, folder: Path) -> tuple[float, int]:
    """Return what a fan-out of that size costs in CPU seconds and bytes, after a small one that warms up."""

    async def go(name: str, wanted: int) -> Path:
        path = folder / name
        runtime = WorkflowRuntime(AtOnce(), max_agents=wanted, concurrency=cap, journal=Journal(path), cwd=str(folder))
        assert (await runtime.execute(FAN_OUT, {"n": wanted})).result == wanted
        return path

    await go("warm", 10)
    before = cpu()
    journal = await go("main", size)
    return cpu() - before, journal.stat().st_size


async def pipeline(takes: list[list[float]], folder: Path) -> float:
    """Return how long it takes to bring each item through its stages, in seconds."""
    sleeper = Sleeper(takes)
    items, stages = len(takes), len(takes[0])
    runtime = WorkflowRuntime(
        sleeper,
        max_agents=items * stages + 2,
        concurrency=items,
        journal=Journal(folder / "journal"),
        sandbox_limits=SandboxLimits(max_inflight_calls=items),
        cwd=str(folder),
    )
    assert (await runtime.execute(PIPELINE, {"items": items, "stages": stages})).result == items
    return sleeper.asked["ended"] - sleeper.asked["began"]


def cpu() -> float:
    """Return the CPU seconds of this process and of the children that have ended."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def main() -> None:
    """Print what was asked for."""
    what, *rest = sys.argv[1:]
    if what == "fan-out":
        size, cap, folder = rest
        spent, stored = asyncio.run(fan_out(int(size), int(cap), Path(folder)))
        sys.stdout.write(json.dumps({"cpu": spent, "bytes": stored}))
    else:
        sys.stdout.write(json.dumps({"wall": asyncio.run(pipeline(json.load(sys.stdin), Path(rest[0])))}))


if __name__ == "__main__":
    main()
