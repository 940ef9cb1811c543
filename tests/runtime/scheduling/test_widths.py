"""Fan-outs that are wider than was approved begin only once somebody has said so."""

from __future__ import annotations

import json
from pathlib import Path

import anyio
import pytest
from unconfined import without_processes

from weft.runtime.errors import Refused
from weft.runtime.execution.resume import resume
from weft.runtime.execution.run import Run, run
from weft.runtime.helping import Helper, HostReply, HostRequest, away
from weft.runtime.journal.events import AgentsStarted
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.scheduling import widths
from weft.runtime.settings import Settings
from weft.runtime.steering.socket import ContinueRun, RetryRun, send

SOURCE = '''"""Look into what there is, side by side."""

from weft.primitives import agent, parallel


async def main(args):
    found = await agent("list", schema={"type": "array", "items": {"type": "string"}}) or []
    return await parallel(agent(f"look into {one}") for one in found)
'''
SCRIPT = {"rules": [{"match": {"prompt": "list"}, "result": list("abcd")}, {"result": "seen"}]}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    without_processes(monkeypatch)
    (tmp_path / "stub.json").write_text(json.dumps(SCRIPT))
    return Project(tmp_path)


def ran(project: Project, approved: dict[str, int] | None, people: Helper = away, *, virtual: bool = False) -> Run:
    """Run the harness with scripted agents."""
    settings = Settings(agents=f"stub:{project.root.parent / 'stub.json'}", virtual_time=virtual)
    harness = parse_harness(SOURCE, name="h", filename="h.py")

    async def go() -> Run:
        return await run(harness, {}, settings, project, approved=approved, people=people)

    return anyio.run(go)


def saying(value: str) -> Helper:
    async def say(request: HostRequest) -> HostReply | None:
        return HostReply(value=value, by="terminal")

    return say


def test_a_yes_lets_it_begin(project: Project) -> None:
    state = ran(project, {"8": 2}, saying("go on")).state
    assert (state.outcome, state.count("done"), state.suspended) == ("completed", 5, None)
    assert [event.verb for _, event in state.steered] == ["pause", "continue"]


@pytest.mark.parametrize("approved", [{"8": 2}, {}, {"9": 4}])
def test_without_one_no_branch_starts_and_a_resume_may(project: Project, approved: dict[str, int]) -> None:
    done = ran(project, approved, saying("stop"))
    assert (done.state.outcome, done.state.count("done")) == ("paused", 1)
    assert done.state.ended is not None and done.state.ended.pause == "approval"
    assert done.state.ended.problem is not None
    assert f"has 4 branches, and {approved.get('8', 0)} were approved" in done.state.ended.problem.message
    started = [event for _, event in done.folder.events() if isinstance(event, AgentsStarted)]
    assert sum(len(event.ids) for event in started) == 1


@pytest.mark.parametrize("approved", [{"8": 4}, None])
def test_what_is_no_wider_is_not_asked_about(project: Project, approved: dict[str, int] | None) -> None:
    state = ran(project, approved, saying("stop")).state
    assert (state.outcome, state.steered) == ("completed", [])


@pytest.mark.parametrize("virtual", [True, False])
def test_nobody_in_time_says_no(project: Project, monkeypatch: pytest.MonkeyPatch, virtual: bool) -> None:
    monkeypatch.setattr(widths, "SECONDS", 0.01)
    assert ran(project, {}, virtual=virtual).state.outcome == "paused"


def test_another_terminal_lets_it_go_on(project: Project) -> None:
    """`weft continue` is a yes, too: what it sends is heard while the question is open."""

    async def elsewhere(request: HostRequest) -> HostReply | None:
        await send(project.runs()[0], ContinueRun(verb="continue"))
        await away(request)
        return None

    state = ran(project, {"8": 2}, elsewhere).state
    assert state.outcome == "completed"


def test_a_program_does_not(project: Project) -> None:
    """What another agent sends lets nothing go on that waits for a yes, however soon it comes, nor a retry of it."""

    async def elsewhere(request: HostRequest) -> HostReply | None:
        for command in (ContinueRun(approves=False), RetryRun(approves=False)):
            with pytest.raises(Refused, match=r"yes of a person|nothing to retry"):
                await send(project.runs()[0], command)
        return HostReply(value="stop", by="terminal")

    state = ran(project, {"8": 2}, elsewhere).state
    assert (state.outcome, state.count("done")) == ("paused", 1)


@pytest.mark.parametrize(("most", "asked"), [(5, 0), (3, 1), (1, 1)])
def test_more_agents_than_were_approved_wait_for_a_yes(project: Project, most: int, asked: int) -> None:
    state = ran(project, {"8": 4, widths.IN_ALL: most}, saying("go on")).state
    assert (state.outcome, state.count("done")) == ("completed", 5)
    assert [event.verb for _, event in state.steered] == ["pause", "continue"] * asked


def test_without_a_yes_none_of_them_starts(project: Project) -> None:
    state = ran(project, {"8": 4, widths.IN_ALL: 3}, saying("stop")).state
    assert state.ended is not None and state.ended.problem is not None
    assert (state.outcome, state.ended.pause, state.count("done")) == ("paused", "approval", 1)
    assert "more than the 3 agents that were approved" in state.ended.problem.message


@pytest.mark.parametrize("approved", [{"8": 2, widths.IN_ALL: 9}, {"8": 4, widths.IN_ALL: 2}, {widths.IN_ALL: 1}])
def test_who_goes_on_with_it_has_said_yes_to_what_it_was_held_for(project: Project, approved: dict[str, int]) -> None:
    """And to no more: what comes after that is asked about again."""
    done = ran(project, approved, saying("stop"))
    assert done.state.outcome == "paused"

    async def again() -> Run:
        assert done.state.started is not None
        return await resume(done.folder, done.state.started.settings, project, people=saying("stop"))

    state = anyio.run(again).state
    assert (state.outcome, state.count("done")) == ("completed", 5)
    assert state.started is not None and state.started.approved is not None
    assert state.started.approved["8"] == 4
