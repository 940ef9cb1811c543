"""What ends a run whatever its harness does: deadline, pause, stop, signals, for harnesses that never ask an agent."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
from running import run_source
from unconfined import without_processes

from weft.runtime.errors import RuntimeFailure
from weft.runtime.execution import interrupts
from weft.runtime.execution.replay import replay
from weft.runtime.execution.run import Run, run
from weft.runtime.journal.events import Event, RunEnded, RunStarted, WorkflowCalled, WorkflowLoaded
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.rehearsal import playing
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.settings import Settings
from weft.runtime.steering.socket import ContinueRun, PauseRun, StopRun, send

REFUSED = """
async def main(args):
    while True:
        try:
            await workflow("unknown")
        except WorkflowRefused:
            continue
"""

SAVED = """
async def main(args):
    while await workflow("one") == 1:
        pass
"""

BAD_RESULT = """
async def main(args):
    while True:
        await parallel([workflow("bad") for _ in range(3)])
"""

SILENT = """
async def main(args):
    while True:
        pass
"""

FLOOD = """
async def main(args):
    while True:
        await parallel([lambda: 1])
"""


def saved(folder: Path) -> None:
    there = folder / ".weft" / "workflows"
    there.mkdir(parents=True)
    (there / "one.py").write_text('"""One."""\nasync def main(args):\n    return 1')
    (there / "bad.py").write_text('"""Bad."""\nRESULT = {"type": "string"}\nasync def main(args):\n    return 1')
    (there / "asks.py").write_text(
        '"""Ask."""\nRESULT = {"type": "string"}\nasync def main(args):\n    return await agent("x")'
    )


def ended(done: Run) -> RunEnded:
    assert done.state.ended is not None
    return done.state.ended


def seen(kind: type[Event], act: Callable[[], None]) -> Callable[[float, Event], None]:
    """Return a watcher that acts when it sees the first event of a kind."""
    acted = False

    def watch(at: float, event: Event) -> None:
        nonlocal acted
        if isinstance(event, kind) and not acted:
            acted = True
            act()

    return watch


def interrupted(source: str, folder: Path, kind: type[Event], *signals: signal.Signals) -> Run:
    """Run a harness that is sent signals when it has come so far."""
    harness = parse_harness(source, name="test", filename="h.py")

    def act() -> None:
        for sent in signals:
            os.kill(os.getpid(), sent)

    async def go() -> Run:
        settings = Settings()
        watchers = (seen(kind, act),)
        return await run(harness, {}, settings, Project(folder), agents=nobody, watchers=watchers, interruptible=True)

    return anyio.run(go)


async def nobody(request: AgentRequest) -> AgentReply:
    raise AssertionError("no agent is asked")


@pytest.mark.parametrize("source", [REFUSED, SAVED, BAD_RESULT, SILENT, FLOOD])
def test_a_deadline_ends_what_asks_no_agent(tmp_path: Path, source: str) -> None:
    saved(tmp_path)
    done = run_source(source, tmp_path, agents=nobody, virtual_time=False, deadline=0.2)
    assert (ended(done).outcome, ended(done).pause) == ("paused", "deadline")


@pytest.mark.parametrize(
    ("source", "kind", "signals"),
    [
        (REFUSED, WorkflowLoaded, [signal.SIGINT]),
        (SAVED, WorkflowLoaded, [signal.SIGINT]),
        (SILENT, RunStarted, [signal.SIGINT, signal.SIGTERM]),
        (FLOOD, RunStarted, [signal.SIGINT, signal.SIGTERM]),
    ],
)
def test_signals_end_what_asks_no_agent(
    tmp_path: Path, source: str, kind: type[Event], signals: list[signal.Signals]
) -> None:
    """The first ends it where it would next be answered, the second at once."""
    saved(tmp_path)
    done = interrupted(source, tmp_path, kind, *signals)
    assert (ended(done).outcome, ended(done).pause) == ("paused", "user")


@pytest.mark.parametrize("source", [SILENT, FLOOD])
def test_one_signal_ends_what_goes_on_although_no_agent_is_at_work(
    tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupts, "PATIENCE", 0.05)
    done = interrupted(source, tmp_path, RunStarted, signal.SIGINT)
    assert (ended(done).outcome, ended(done).pause) == ("paused", "user")


@pytest.mark.parametrize("command", [StopRun(), PauseRun(now=True)])
@pytest.mark.parametrize("source", [REFUSED, SILENT])
def test_commands_end_what_asks_no_agent(tmp_path: Path, source: str, command: StopRun | PauseRun) -> None:
    sent: list[asyncio.Task[Any]] = []

    async def tell() -> None:
        while True:
            with suppress(RuntimeFailure):
                await send(Project(tmp_path).runs()[-1], command)
                return
            await asyncio.sleep(0.001)  # nobody listens yet

    watch = seen(RunStarted, lambda: sent.append(asyncio.create_task(tell())))
    done = run_source(source, tmp_path, agents=nobody, virtual_time=False, watchers=(watch,))
    assert (ended(done).outcome, ended(done).pause) == ("paused", "command" if command.verb == "pause" else "user")


def test_a_paused_run_begins_no_saved_harness_until_it_goes_on(tmp_path: Path) -> None:
    saved(tmp_path)
    events: list[Event] = []
    begun_while_paused: list[bool] = []
    sent: list[asyncio.Task[None]] = []

    async def go_on() -> None:
        while not any(isinstance(event, WorkflowCalled) for event in events):
            await asyncio.sleep(0.001)
        begun_while_paused.append(any(isinstance(event, WorkflowLoaded) for event in events))
        await send(Project(tmp_path).runs()[-1], ContinueRun())

    async def agents(request: AgentRequest) -> AgentReply:
        await send(Project(tmp_path).runs()[-1], PauseRun())
        sent.append(asyncio.create_task(go_on()))
        return AgentReply(value="paused")

    source = "async def main(args):\n    return [await agent('pause'), await workflow('one')]"
    watch = lambda at, event: events.append(event)  # noqa: E731
    done = run_source(source, tmp_path, agents=agents, watchers=(watch,))
    assert (begun_while_paused, ended(done).result) == ([False], ["paused", 1])


def test_what_has_ended_by_a_pause_is_checked_and_not_lost(tmp_path: Path) -> None:
    """A saved harness that had begun may end, and so may the run: only what begins has to wait."""
    saved(tmp_path)

    async def agents(request: AgentRequest) -> AgentReply:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0)
        return AgentReply(value="fine")

    harness = parse_harness("async def main(args):\n    return await workflow('asks')", name="t", filename="h.py")

    async def go() -> Run:
        return await run(harness, {}, Settings(), Project(tmp_path), agents=agents, interruptible=True)

    done = anyio.run(go)
    assert (ended(done).outcome, ended(done).result) == ("completed", "fine")


def test_what_was_cut_amid_its_calls_replays_as_far_as_it_came(tmp_path: Path) -> None:
    source = "async def main(args):\n    return await parallel([agent(f'{n}') for n in range(4000)])"
    done = run_source(source, tmp_path, agents=nobody, virtual_time=False, deadline=0.001)
    assert ended(done).pause == "deadline"
    harness = parse_harness(source, name="test", filename="h.py")
    assert not anyio.run(replay, harness, done.folder.events()).complete


def test_a_rehearsal_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)
    monkeypatch.setattr(playing, "MOST_WITHOUT", 100)
    harness = parse_harness(REFUSED, name="test", filename="h.py")
    done = anyio.run(rehearse, harness, {}, Settings().resolved(), lambda name: None)
    assert [played.endless for played in done.played] == [True, True]
    assert len(done.unending) == 2 and not done.sound
