"""How many agents of a run that goes on may be at work: changed at once, by nobody's end, and kept for a resume."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from running import resume_source, run_source

from weft.runtime.errors import Refused
from weft.runtime.execution.run import Run
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import Steered
from weft.runtime.project.folders import Project
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.steering.socket import ChangeLimits, PauseRun, send

HARNESS = """
async def main(args):
    return await parallel([agent(f"{n}", model="a" if n % 2 else "b") for n in range(10)])
"""


class Company:
    """Agents that know how many of them are at work; the first sends a command, while those beside it wait."""

    def __init__(self, folder: Path, command: ChangeLimits, awaited: int = 0, last: str = "") -> None:
        self.folder, self.command, self.awaited, self.last = folder, command, awaited, last
        self.working: list[AgentRequest] = []
        self.beside: list[list[str]] = []
        """Of each that began after the command, the models of those at work then, itself included."""
        self.sent, self.enough = anyio.Event(), anyio.Event()

    async def __call__(self, request: AgentRequest) -> AgentReply:
        self.working.append(request)
        if self.sent.is_set():
            self.beside.append([other.model for other in self.working])
        if len(self.working) == self.awaited:
            self.enough.set()
        if request.prompt == "0":
            await send(Project(self.folder).runs()[-1], self.command)
            self.sent.set()
            if self.awaited:
                await self.enough.wait()
        await self.sent.wait()
        await anyio.lowlevel.checkpoint()
        if request.prompt == self.last:
            await send(Project(self.folder).runs()[-1], PauseRun(now=True))
            await anyio.sleep_forever()
        self.working.remove(request)
        return AgentReply(value=request.prompt)


def steered(done: Run) -> list[Steered]:
    return [event for _, event in read_journal(done.folder.journal) if isinstance(event, Steered)]


def test_lowered_it_ends_nobody_and_begins_nobody_beyond(tmp_path: Path) -> None:
    company = Company(tmp_path, ChangeLimits(concurrency=1, reason="the machine is busy"))
    done = run_source(HARNESS, tmp_path, agents=company, concurrency=4)
    assert (done.state.outcome, done.state.count("done")) == ("completed", 10)
    assert [len(beside) for beside in company.beside] == [1] * 6
    (event,) = steered(done)
    assert (event.changed, event.reason) == ({"concurrency": (4, 1)}, "the machine is busy")
    assert "concurrency 4 → 1; 4 agents at work, 6 waiting" in event.text


def test_raised_it_lets_others_begin_at_once(tmp_path: Path) -> None:
    company = Company(tmp_path, ChangeLimits(concurrency=7), awaited=7)
    done = run_source(HARNESS, tmp_path, agents=company, concurrency=1)
    assert done.state.count("done") == 10
    assert company.enough.is_set()


def test_of_one_model_alone(tmp_path: Path) -> None:
    company = Company(tmp_path, ChangeLimits(models={"a": 1}))
    run_source(HARNESS, tmp_path, agents=company, concurrency=4)
    later = company.beside[2:]  # those of before have ended by then
    assert max(beside.count("a") for beside in later) == 1
    assert max(len(beside) for beside in later) > 1


@pytest.mark.parametrize(
    ("command", "said", "fix"),
    [
        (ChangeLimits(models={"aa": 1}), "has had the model 'aa'", "did you mean a"),
        (ChangeLimits(profiles={"p": 1}, concurrency=2), "has had the profile 'p'", "none of them has a profile"),
    ],
)
def test_what_no_agent_has_is_refused_and_changes_nothing(
    tmp_path: Path, command: ChangeLimits, said: str, fix: str
) -> None:
    fixes: list[str] = []

    async def agents(request: AgentRequest) -> AgentReply:
        if request.prompt == "9":
            with pytest.raises(Refused, match=said) as refused:
                await send(Project(tmp_path).runs()[-1], command)
            fixes.append(str(refused.value.fix).partition("?")[0])
        return AgentReply(value="so")

    done = run_source(HARNESS, tmp_path, agents=agents, concurrency=4)
    assert (done.state.health, steered(done), fixes) == ("clean", [], [fix])


def test_they_hold_for_a_resume_unless_it_says_otherwise(tmp_path: Path) -> None:
    company = Company(tmp_path, ChangeLimits(concurrency=2, models={"a": 1}), last="5")
    first = run_source(HARNESS, tmp_path, agents=company, concurrency=4)
    assert first.state.outcome == "paused"
    assert first.state.started is not None
    assert first.state.started.settings.concurrency == 2

    other = Company(tmp_path, ChangeLimits(concurrency=1))
    other.sent.set()
    done = resume_source(first, tmp_path, agents=other, concurrency=3)
    assert max(beside.count("a") for beside in other.beside) == 1
    assert done.state.started is not None
    assert (done.state.count("done"), done.state.started.settings.concurrency) == (10, 3)
