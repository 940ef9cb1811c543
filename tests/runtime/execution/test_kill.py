"""The host is killed (-9) at any moment: nothing that was paid for is lost or paid for again.

The suite takes some of the moments; `WEFT_ALL_KILLS=1` takes them all.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import anyio
import pytest
from asking import Asking
from killing import Moment, Point, count_moments, in_process, side_by_side
from running import resume_source, run_source

from weft.runtime.errors import JournalError, Refused
from weft.runtime.execution.replay import replay
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.execution.run import Run
from weft.runtime.journal import executions, fold, read_journal
from weft.runtime.journal.events import COMPLETIONS, AgentCalled, AgentFinished, AgentsStarted
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.request import AgentReply, AgentRequest

pytestmark = pytest.mark.slow

ALL = "WEFT_ALL_KILLS" in os.environ
SOME = 12
"""One in so many moments is taken otherwise."""

HARNESS = """
seen = Seen()
async def dig(n, m):
    first = await agent(f"dig {n}.{m}", label=f"dig:{n}.{m}")
    seen.add([first])
    return await agent(f"wash {first}", label=f"wash:{n}.{m}")
async def site(n):
    plan = await agent(f"plan {n}", label=f"plan:{n}")
    found = await parallel([dig(n, m) for m in range(4)])
    return await agent(f"sum up {plan} {list(found)}", label=f"sum:{n}")
async def main(args):
    phase("Dig")
    sums = await parallel([site(n) for n in range(6)])
    log(f"{len(seen)} seen")
    return {"sums": list(sums), "seen": len(seen)}
"""
AGENTS = 60
CONCURRENCY = 8


class Slow(Asking):
    """Takes a while over each answer, longer over some than over others, so that many are at work at any moment."""

    async def __call__(self, request: AgentRequest) -> AgentReply:
        await anyio.sleep(sum(request.prompt.encode()) % 7 / 500)
        return await super().__call__(request)


def begin(folder: Path) -> Run:
    return run_source(HARNESS, folder, agents=Slow(folder), concurrency=CONCURRENCY, virtual_time=False)


def go_on(folder: Path) -> Run:
    (run,) = Project(folder).runs()
    return resume_source(run, folder, agents=Slow(folder), concurrency=CONCURRENCY, virtual_time=False)


@dataclass
class Whole:
    """What the run comes to when nobody disturbs it."""

    result: Any
    commits: int
    deliveries: int

    def points(self) -> list[Point]:
        """All moments at which it can be killed."""
        counts = {"commit": self.commits, "delivery": self.deliveries}
        return [
            Point(moment, number) for moment in get_args(Moment) for number in range(1, counts[moment.split()[1]] + 1)
        ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    commits, deliveries = count_moments(lambda: begin(folder))
    (run,) = Project(folder).runs()
    state = fold(read_journal(run.journal))
    assert (state.outcome, state.health, len(state.agents)) == ("completed", "clean", AGENTS)
    assert state.ended is not None
    return Whole(state.ended.result, commits, deliveries)


def interrupt(folder: Path, point: Point, work: Any) -> bool:
    """Do some work that is killed at a point; return whether it came that far."""

    def armed() -> None:
        point.arm()
        work(folder)

    status = in_process(armed)
    assert status in (0, -signal.SIGKILL)
    return status != 0


def durable(run: RunFolder) -> Counter[str]:
    """Return the prompts that have an answer on record, which no execution may ask again."""
    answered: Counter[str] = Counter()
    calls: dict[int, str] = {}
    for _, event in read_journal(run.journal):
        if isinstance(event, AgentCalled):
            calls[event.id] = event.request.prompt
        elif isinstance(event, AgentFinished) and not event.reused:
            answered[calls[event.id]] += 1
    return answered


def began(run: RunFolder) -> bool:
    """Whether anything of the run is on record."""
    try:
        return bool(read_journal(run.journal))
    except JournalError as error:
        assert "no beginning" in error.what or "no such table" in error.what
        return False


def check_replayed(run: RunFolder) -> None:
    """Check that what is on record of a killed run replays: all that was delivered, and every call that is there."""
    events = read_journal(run.journal)
    started = fold(events).started
    assert started is not None
    replayed = anyio.run(replay, recorded_harness(run, started), events)
    last = [event for _, event in executions(events)[-1]]
    assert replayed.deliveries == sum(isinstance(event, COMPLETIONS) for event in last)
    assert replayed.calls >= sum(isinstance(event, AgentCalled) for event in last)


def check(folder: Path, whole: Whole, kills: int, *, replays: bool) -> None:
    """Go on with a killed run, and check the whole promise."""
    (run,) = Project(folder).runs()
    before = Asking(folder)
    asked = before.asked
    if not began(run):
        assert not asked
        return
    on_record = durable(run)
    if (ended := run.state().ended) is not None:  # all that could still be lost is the file with the result
        assert ended.result == whole.result
        with pytest.raises(Refused, match="nothing left to do"):
            go_on(folder)
        assert json.loads(run.result.read_text())["result"] == whole.result
        return
    assert run.state().killed
    if replays:
        check_replayed(run)
    done = go_on(folder)
    assert (done.state.outcome, done.state.health) == ("completed", "clean")
    assert done.state.ended is not None and done.state.ended.result == whole.result
    assert json.loads(run.result.read_text())["result"] == whole.result
    again = Asking(folder).asked - asked
    assert not again.keys() & on_record.keys(), "what was on record was asked again"
    assert max(Asking(folder).asked.values()) <= 1 + kills
    assert set(durable(run).values()) == {1}
    events = read_journal(run.journal)
    # Write ahead: nobody is asked who is not on record.
    started = sum(len(event.ids) for _, event in events if isinstance(event, AgentsStarted))
    assert started >= Asking(folder).asked.total()
    assert done.state.started is not None
    if replays:
        assert anyio.run(replay, recorded_harness(run, done.state.started), events).complete


def killed_once_and_twice(folder: Path, whole: Whole, point: Point) -> None:
    """Kill the run there; half of the time, kill the one that goes on with it too."""
    if not interrupt(folder, point, begin):
        return  # it took fewer steps this time
    luck = random.Random(str(point))
    kills = 1
    if luck.random() < 0.5:
        (run,) = Project(folder).runs()
        if began(run) and run.state().ended is None:
            second = Point(luck.choice(get_args(Moment)), luck.randint(1, whole.commits))
            if not interrupt(folder, second, go_on):
                return  # the second had nothing left to be killed at, and has ended
            kills = 2
    check(folder, whole, kills, replays=luck.random() < 0.2)


def test_killed_at_any_commit_and_any_delivery(tmp_path: Path, whole: Whole) -> None:
    points = whole.points()
    assert len(points) > AGENTS
    if not ALL:
        random.Random(1).shuffle(points)
        points = points[::SOME]

    def some(mine: list[Point]) -> None:
        for point in mine:
            folder = tmp_path / f"{point.moment.replace(' ', '-')}-{point.number}"
            try:
                killed_once_and_twice(folder, whole, point)
            except BaseException as error:
                error.add_note(f"killed at {point}")
                raise

    assert side_by_side([lambda: some(points[::2]), lambda: some(points[1::2])]) == [0, 0]


def _children(process: int) -> list[int]:
    words = ["pgrep", "-P", str(process), "-f", "weft.sandbox"]
    return [int(child) for child in subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()]


class KillsTheSandbox(Slow):
    """Ends the process that executes the harness while the `number`-th agent is at work."""

    def __init__(self, folder: Path, number: int, kind: signal.Signals) -> None:
        super().__init__(folder)
        self._left = number
        self._kind = kind

    async def __call__(self, request: AgentRequest) -> AgentReply:
        self._left -= 1
        if not self._left:
            (server,) = _children(os.getpid())
            (child,) = _children(server)
            os.kill(child, self._kind)
        return await super().__call__(request)


MOMENTS = [(1, signal.SIGKILL), (9, signal.SIGSEGV), (31, signal.SIGTERM), (AGENTS, signal.SIGKILL)]


@pytest.mark.parametrize(
    ("number", "kind"), [(number, signal.SIGKILL) for number in range(1, AGENTS + 1)] if ALL else MOMENTS
)
def test_the_sandbox_dies_at_any_moment(tmp_path: Path, whole: Whole, number: int, kind: signal.Signals) -> None:
    agents = KillsTheSandbox(tmp_path, number, kind)
    done = run_source(HARNESS, tmp_path, agents=agents, concurrency=CONCURRENCY, virtual_time=False)
    assert (done.state.outcome, done.state.ended and done.state.ended.pause) == ("error", None)
    assert done.state.ended is not None and done.state.ended.problem is not None
    assert done.state.ended.problem.type == "sandbox"
    assert json.loads(done.folder.result.read_text())["error"]["type"] == "sandbox"
    on_record = durable(done.folder)
    asked = agents.asked
    again = go_on(tmp_path)
    assert again.state.ended is not None and again.state.ended.result == whole.result
    assert not (agents.asked - asked).keys() & on_record.keys()
    assert max(agents.asked.values()) <= 2
