"""What keeping a record costs: agents that answer at once, in one fan-out, with every answer durable before it counts.

    python bench/journal.py [--rounds N] [--peers NAME,…]

Prints CPU time per agent (host and child, user and system) and bytes on disk per agent of 1,000 and of 10,000 agents,
beside bare asyncio (same fan-out and cap, no runtime, no record) and the peers of `peers.py`; then what it costs to
replay and to resume a recorded run. What a run of one agent costs is taken off; the figures are medians of rounds in
which all take turns, and Weft's ratios to the peers are medians of the ratios in each round.

The peers do less. None of them is confined by the system, keeps the order of answers or calls fsync for each step;
their scripts, `pi_peer.py` and `langgraph_peer.py`, say the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from peers import PEERS, Peer

from weft.runtime import AgentReply, AgentRequest, Project, Settings, parse_harness, run
from weft.runtime.execution.replay import replay
from weft.runtime.execution.resume import resume
from weft.runtime.execution.run import Run
from weft.runtime.journal import read_journal
from weft.runtime.request import AgentError
from weft.sandbox.launcher import end_server

SIZES = (1_000, 10_000)
CAP = 16

# One level more than `parallel` needs for 1,000: a single call takes at most 4,096 branches.
HARNESS = """
async def main(args):
    numbers = list(range(args["n"]))
    parts = [numbers[first:first + 1000] for first in range(0, len(numbers), 1000)]
    return len(await parallel([parallel([agent(f"Say {n}.", label=f"a{n}") for n in part]) for part in parts]))
"""
LAST_AGAIN = (
    HARNESS.replace("    return len(await", "    done = len(await") + "    return [done, await agent('last')]\n"
)


async def at_once(_request: AgentRequest) -> AgentReply:
    """Answer at once."""
    await asyncio.sleep(0)
    return AgentReply(value="ok")


async def not_the_last(request: AgentRequest) -> AgentReply:
    """Answer everybody but the agent that leaves something to resume."""
    if request.prompt == "last":
        raise AgentError("provider", "it is to be resumed")
    return await at_once(request)


class Cost:
    """CPU seconds of a block, with those of the processes that ended in it; and the bytes in its folder after it."""

    cpu = 0.0
    size = 0


@contextmanager
def costing(folder: str | None = None) -> Iterator[Cost]:
    """Measure a block."""
    cost, before = Cost(), _cpu()
    yield cost
    cost.cpu = _cpu() - before
    if folder is not None:
        cost.size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


def _cpu() -> float:
    end_server()  # only then is it known what the children took that were forked from it
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


# ------------------------------------------------------------------------------------------------ what is measured


def bare(size: int) -> Cost:
    """Fan out with asyncio alone."""

    async def one(limit: asyncio.Semaphore) -> str:
        async with limit:
            await asyncio.sleep(0)
            return "ok"

    async def fan_out() -> list[str]:
        limit = asyncio.Semaphore(CAP)
        return await asyncio.gather(*(one(limit) for _ in range(size)))

    with costing() as cost:
        assert len(asyncio.run(fan_out())) == size
    return cost


def weft(size: int) -> Cost:
    """Fan out in a sandbox, with a journal."""
    with tempfile.TemporaryDirectory() as folder:
        with costing(folder) as cost:
            _run(folder, size)
        return cost


def replaying(size: int) -> Cost:
    """Execute a recorded run again from its journal, which includes reading it."""
    with tempfile.TemporaryDirectory() as folder:
        done = _run(folder, size)
        with costing() as cost:
            events = read_journal(done.folder.journal)
            assert _wait(lambda: replay(parse_harness(HARNESS, name="bench", filename="bench.py"), events)).complete
        return cost


def resuming(size: int) -> Cost:
    """Go on with a run of which one agent is left to do."""
    with tempfile.TemporaryDirectory() as folder:
        done = _run(folder, size, harness=LAST_AGAIN, agents=not_the_last)
        with costing() as cost:
            again = _wait(lambda: resume(done.folder, _options(size), Project(Path(folder)), agents=at_once))
        assert again.state.reused_agents == size
        return cost


def other(peer: Peer, size: int) -> Cost:
    """Fan out with a peer, in its own interpreter."""
    cost, figures = Cost(), peer.measure("fan-out", str(size), str(CAP))
    cost.cpu, cost.size = figures["cpu"], figures["bytes"]
    return cost


def _run(folder: str, size: int, *, harness: str = HARNESS, agents: Any = at_once) -> Run:
    parsed = parse_harness(harness, name="bench", filename="bench.py")
    done = _wait(lambda: run(parsed, {"n": size}, _options(size), Project(Path(folder)), agents=agents))
    assert done.state.outcome == "completed"
    return done


def _options(size: int) -> Settings:
    return Settings(max_agents=2 * size + 10, concurrency=CAP)


def _wait(start: Callable[[], Awaitable[Any]]) -> Any:
    return anyio.run(start)


# ------------------------------------------------------------------------------------------------ the table


def main() -> None:
    """Let all take turns, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default=",".join(PEERS), help="which to compare with; none for an empty text")
    options = parser.parse_args()

    measured: dict[str, Callable[[int], Cost]] = {"bare asyncio": bare, "weft": weft}
    if unknown := [name for name in options.peers.split(",") if name and name not in PEERS]:
        parser.error(f"there is no peer {unknown[0]!r}; there are {', '.join(PEERS)}")
    for peer in (PEERS[name] for name in options.peers.split(",") if name):
        if problem := peer.install():
            say(f"{peer.name} is not compared: {problem}")
        else:
            measured[peer.name] = partial(other, peer)
    again = {"replay": replaying, "resume": resuming}

    for measure in (*measured.values(), *again.values()):
        measure(2)  # imports, and what is made once
    costs: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for turn in range(options.rounds):
        for name, measure in (measured | again).items():
            one = measure(1)
            # The widest fan-out takes LangGraph minutes: it has one turn.
            narrow = name in again or (name == "langgraph" and turn > 0)
            for size in SIZES[:1] if narrow else SIZES:
                cost = measure(size)
                each = ((cost.cpu - one.cpu) / (size - 1), (cost.size - one.size) / (size - 1))
                costs.setdefault((name, size), []).append(each)

    report(costs, options.rounds)


def report(costs: dict[tuple[str, int], list[tuple[float, float]]], turns: int) -> None:
    """Print a table of what each costs for each size, in all rounds."""
    say(f"medians of {turns} rounds, per agent")
    floor = {size: statistics.median(cpu for cpu, _ in costs["bare asyncio", size]) for size in SIZES}
    for (name, size), rounds in costs.items():
        cpu, disk = (statistics.median(column) for column in zip(*rounds, strict=True))
        stored = f"{disk:8.0f} bytes" if disk else ""
        ratio = f"{cpu / floor[size]:7.1f} x bare asyncio"
        say(f"{name:<21}{size:>7,} agents {cpu * 1e6:8.1f} µs CPU {ratio} {stored}")
    for (name, size), rounds in costs.items():
        if name in PEERS:
            pairs = zip(costs["weft", size], rounds, strict=False)  # some have fewer rounds
            times = statistics.median(ours / theirs for (ours, _), (theirs, _) in pairs)
            say(f"weft / {name} at {size:,}: {times:.2f}")


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
