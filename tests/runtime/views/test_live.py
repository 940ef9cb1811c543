"""What is shown of a run while it goes on: what is left is guessed from what is known, and never from nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from running import run_source

from weft.primitives.calls import AgentCall
from weft.primitives.lost import Spent
from weft.runtime.journal.events import (
    AgentCalled,
    AgentFinished,
    AgentsStarted,
    Event,
    Logged,
    RunStarted,
)
from weft.runtime.journal.fold import RunState
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings
from weft.runtime.views.estimate import Left, left
from weft.runtime.views.live import Lines
from weft.runtime.views.names import Names

SETTINGS = Settings()
STARTED = RunStarted(run="r", name="n", task="", digest="d", args=None, now="2026-01-01T00:00:00", settings=SETTINGS)


def called(number: int, phase: str = "One", label: str = "same") -> AgentCalled:
    request = AgentRequest.resolve(number, AgentCall(prompt="p", label=label), SETTINGS, phase)
    return AgentCalled(path=f"/0.{number}", line=1, key="k", request=request)


def state(*events: tuple[float, Event]) -> RunState:
    known = RunState()
    for at, event in ((0.0, STARTED), *events):
        known.apply(at, event)
    return known


def finished(number: int, usd: float) -> AgentFinished:
    return AgentFinished(id=number, value="x", spent=Spent(1, 1, usd))


FOUR = tuple((0.0, called(number)) for number in range(4))


def test_what_is_left_is_what_the_others_took() -> None:
    known = state(
        *FOUR,
        (0.0, AgentsStarted(ids=(0, 1, 2))),
        (10.0, finished(0, 0.5)),
        (20.0, finished(1, 1.5)),
        (20.0, AgentsStarted(ids=(3,))),
    )
    assert left(known, 20.0) == Left(agents=2, seconds=15.0, usd=2.0)
    assert left(known, 30.0) == Left(agents=2, seconds=5.0, usd=2.0)
    assert left(known, 99.0) == Left(agents=2, seconds=0.0, usd=2.0)  # whoever is overdue has nothing left to be known


@pytest.mark.parametrize(
    "more",
    [
        (),
        ((10.0, finished(0, 0.5)),),
        ((10.0, finished(0, 0.5)), (10.0, finished(1, 0.5)), (10.0, called(4, "Two"))),
    ],
)
def test_of_phases_that_nothing_is_known_of_nothing_is_said(more: tuple[tuple[float, Event], ...]) -> None:
    assert left(state(*FOUR, (0.0, AgentsStarted(ids=(0, 1))), *more), 10.0) is None


def test_nothing_is_left_of_a_run_whose_agents_have_answered() -> None:
    assert left(state(), 0.0) is None


def test_agents_that_are_called_the_same_are_told_apart_by_their_numbers() -> None:
    known = state((0.0, called(0)), (0.0, called(1)), (0.0, called(2, label="own")))
    assert [Names(known).of(agent) for agent in known.agents.values()] == ["same #0", "same #1", "own"]


def test_a_log_says_what_was_found_lost_and_began(tmp_path: Path) -> None:
    source = """
async def main(args):
    phase("Look")
    finding({"severity": "high", "place": {"file": "a.md", "line": 3}, "votes": [True, None]})
    return await parallel([agent("x", label=f"a{n}") for n in range(2)])
"""
    stream = io.StringIO()
    stub = {"rules": [{"match": {"label": "a1"}, "lost": "refused"}]}
    done = run_source(source, tmp_path, stub=stub, watchers=(Lines(stream),))
    shown = stream.getvalue()
    assert "phase   Look" in shown
    assert "finding severity: high, place: (file: a.md, line: 3), votes: (yes, nothing)" in shown
    assert "lost    a1  refused: " in shown
    assert "  1 done, 1 lost" in shown
    assert done.state.health == "degraded"


def test_a_long_line_of_a_log_is_begun_on_the_screen() -> None:
    shown = io.StringIO()
    with Lines(shown) as lines:
        lines(0.0, STARTED)
        lines(1.0, Logged(message="x" * 5000))
    assert "x" * 2000 in shown.getvalue()
    assert "x" * 2001 not in shown.getvalue()
    assert "3,000 more characters" in shown.getvalue()
