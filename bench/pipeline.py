"""What it costs to let each item run ahead: 200 items through three stages, against a barrier after each stage.

    python bench/pipeline.py [ROUNDS]

Each stage of an item takes 5 to 100 ms, drawn with a fixed seed. No order of work can be done before the longest chain
of three is; the figure is what a run takes beyond that, on the wall. Real sandbox, real journal, agents that sleep.
Beside it stands the same pipeline in pi-dynamic-workflows-py; what is different there says `pi_peer.py`.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from peers import PEERS

from weft.runtime import AgentReply, AgentRequest, Project, Settings, parse_harness, run
from weft.runtime.journal.events import Event, RunEnded, SandboxReady

ITEMS, STAGES = 200, 3
PEER = PEERS["pi-dynamic-workflows"]

PIPELINE = """
async def main(args):
    stages = [lambda value, item, number=number: agent(f"{item} {number}") for number in range(args["stages"])]
    return len(await pipeline(range(args["items"]), *stages))
"""
BARRIER = """
async def main(args):
    for number in range(args["stages"]):
        done = await parallel([agent(f"{item} {number}") for item in range(args["items"])])
    return len(done)
"""


def durations() -> list[list[float]]:
    """Return how long each stage of each item takes, in seconds."""
    draw = random.Random(42)
    return [
        [min(0.1, max(0.005, draw.lognormvariate(math.log(0.025), 0.7))) for _ in range(STAGES)] for _ in range(ITEMS)
    ]


TAKES = durations()


async def sleeper(request: AgentRequest) -> AgentReply:
    """Take as long as this stage of this item takes."""
    item, stage = map(int, request.prompt.split())
    await asyncio.sleep(TAKES[item][stage])
    return AgentReply(value="ok")


async def weft(source: str) -> float:
    """Return the seconds from the moment the harness is handed over until its end is in the journal."""
    began = ended = 0.0

    def watch(_at: float, event: Event) -> None:
        nonlocal began, ended
        if isinstance(event, SandboxReady):
            began = time.perf_counter()
        if isinstance(event, RunEnded):
            ended = time.perf_counter()

    harness = parse_harness(source, name="bench", filename="bench.py")
    with tempfile.TemporaryDirectory() as folder:
        done = await run(
            harness,
            {"items": ITEMS, "stages": STAGES},
            Settings(concurrency=ITEMS),
            Project(Path(folder)),
            agents=sleeper,
            watchers=(watch,),
        )
    assert done.state.ended is not None and done.state.ended.result == ITEMS
    return ended - began


async def bare(_source: str) -> float:
    """Return the same for plain asyncio, which keeps no record."""

    async def chain(item: int) -> None:
        for seconds in TAKES[item]:
            await asyncio.sleep(seconds)

    began = time.perf_counter()
    await asyncio.gather(*map(chain, range(ITEMS)))
    return time.perf_counter() - began


async def other(_source: str) -> float:
    """Return the same for the peer."""
    wall: float = (await asyncio.to_thread(PEER.measure, "pipeline", given=json.dumps(TAKES)))["wall"]
    return wall


def main() -> None:
    """Print the median of each over rounds that take turns."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    longest = max(map(sum, TAKES))
    slowest = sum(max(item[stage] for item in TAKES) for stage in range(STAGES))
    peers: dict[str, tuple[Callable[[str], Awaitable[float]], str, float]] = {
        "bare asyncio": (bare, "", longest),
        "weft, pipeline": (weft, PIPELINE, longest),
        "weft, barriers": (weft, BARRIER, slowest),
    }
    problem = PEER.install()
    if problem is None:
        peers[PEER.name] = (other, PIPELINE, longest)
    else:
        sys.stdout.write(f"{PEER.name} is not compared: {problem}\n")
    took: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, (measure, source, _) in peers.items():
            took[name].append(asyncio.run(measure(source)))  # type: ignore[arg-type]
    sys.stdout.write(
        f"longest chain {longest * 1e3:.0f} ms; the slowest of each stage in turn {slowest * 1e3:.0f} ms\n"
    )
    for name, (_, _, least) in peers.items():
        wall = statistics.median(took[name])
        beyond = [(wall - possible) * 1e3 for possible in (longest, least)]
        told = f"{beyond[0]:4.0f} ms over the longest chain, {beyond[1]:4.0f} ms over the least it can take"
        sys.stdout.write(f"{name:<20} {wall * 1e3:4.0f} ms: {told}\n")


if __name__ == "__main__":
    main()
