"""`weft watch`: what it shows of a run that another process executes, and what its keys tell that process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
from command import weft
from textual.pilot import Pilot
from textual.widgets import Static, Tree

from weft.primitives.calls import AgentCall, Question
from weft.primitives.errors import WeftError
from weft.runtime.cli.watching import Watch
from weft.runtime.clock import RealClock
from weft.runtime.helping import HostRequest
from weft.runtime.journal.events import AgentCalled, AgentsStarted, HostCalled, RunStarted
from weft.runtime.project.folders import RunFolder
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings
from weft.runtime.steering.socket import (
    AnswerQuestion,
    ChangeBudget,
    Command,
    PauseRun,
    Receipt,
    RetryRun,
    StopRun,
    serving,
)

STARTED = RunStarted(run="r", name="n", task="", digest="d", args=None, now="2026-01-01T00:00:00", settings=Settings())
LABEL = "[red]not markup[/] \x1b[2J" + "long " * 60


def begun(folder: Path) -> RunFolder:
    """Return a run of which one agent is at work, and a question open."""
    run = RunFolder(folder / "r")
    run.path.mkdir()
    journal = run.write_journal(RealClock(), (), began=0.0)
    request = AgentRequest.resolve(0, AgentCall(prompt="Read it all", label=LABEL), Settings(), "Look")
    asked = HostRequest(id=1, call=Question(text="Go on?", choices=("yes", "no"), default="no", timeout=600.0))
    journal.add(STARTED)
    journal.add(AgentCalled(path="/0", line=1, key="k", request=request))
    journal.add(AgentsStarted(ids=(0,)))
    journal.add(HostCalled(path="/1", line=2, key="k", request=asked))
    journal.commit()
    journal.close()
    return run


@asynccontextmanager
async def watched(run: RunFolder, sent: list[Command]) -> AsyncIterator[tuple[Watch, Pilot[WeftError]]]:
    """Watch a run that takes down commands, once its agents are there."""

    def apply(command: Command, by: str) -> Receipt:
        sent.append(command)
        return Receipt(target="r", verb=command.verb, applied=True, detail="[done]")

    with run.locked():
        async with serving(run, apply):
            app = Watch(run)
            async with app.run_test(size=(100, 30)) as pilot:
                with anyio.fail_after(60):
                    while not app.query_one(Tree).root.children:
                        await pilot.pause()
                yield app, pilot


async def _steered(run: RunFolder) -> list[Command]:
    sent: list[Command] = []
    async with watched(run, sent) as (app, pilot):
        phase = app.query_one(Tree).root.children[0]
        shown = str(phase.children[0].label)
        assert str(phase.label) == "Look" and "[red]not markup[/]" in shown and "\x1b" not in shown and len(shown) < 80
        assert "asks 1: Go on?" in str(app.query_one("#head", Static).render())
        await pilot.press("p", "j", "j")
        assert "Read it all" in str(app.query_one("#agent", Static).render())
        await pilot.press("x", "n", "enter", "x", "y", "enter", "a", *"yes", "enter", "b", "plus", "2", "enter", "r")
        with anyio.fail_after(60):
            while len(sent) < 5:
                await pilot.pause()
        await pilot.press("q")
    return sent


def test_keys_steer_the_run_that_is_shown_and_leaving_it_tells_it_nothing(tmp_path: Path) -> None:
    sent = anyio.run(partial(_steered, begun(tmp_path)))
    stop, answer = StopRun(agent="0"), AnswerQuestion(ask="1", value="yes")
    assert sorted(map(repr, sent)) == sorted(map(repr, [PauseRun(), stop, answer, ChangeBudget(add_usd=2), RetryRun()]))


async def _looked(run: RunFolder) -> list[str]:
    seen: list[str] = []
    async with watched(run, []) as (app, pilot):
        tree = app.query_one(Tree)
        await pilot.press("slash", *"MARKUP", "enter")
        await pilot.pause()
        seen.append(str(app.query_one("#agent", Static).render()))
        await pilot.press("question_mark")
        seen.append(str(app.query_one("#agent", Static).render()))
        await pilot.press("f", "f")
        seen.append(str([len(phase.children) for phase in tree.root.children]))
        await pilot.press("f", "f")
        seen.append(str([len(phase.children) for phase in tree.root.children]))
        await pilot.press("q")
    return seen


def test_keys_find_an_agent_show_some_of_them_and_say_what_they_do(tmp_path: Path) -> None:
    agent, keys, lost, every = anyio.run(partial(_looked, begun(tmp_path)))
    assert "Read it all" in agent and "ends an agent at work" in keys
    assert (lost, every) == ("[]", "[1]")


def test_off_a_terminal_it_says_what_there_is_instead(tmp_path: Path) -> None:
    (tmp_path / ".weft/runs").mkdir(parents=True)
    begun(tmp_path / ".weft/runs")
    for named in (["r"], []):  # the latest is this one
        refused = weft(tmp_path, "watch", *named)
        assert refused.code == 2 and "weft logs r --follow" in refused.err
