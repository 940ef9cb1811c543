"""What is shown of a run while it goes on: what is left is guessed from what is known, and never from nothing."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag

import pytest
from running import run_source

from weft.primitives.calls import UNLIMITED, AgentCall
from weft.primitives.lost import Lost, Spent
from weft.runtime.ceiling import read_hold
from weft.runtime.journal.events import (
    AgentCalled,
    AgentFinished,
    AgentLost,
    AgentQuiet,
    AgentsStarted,
    Event,
    FindingReported,
    Logged,
    MoneyMoved,
    Reserved,
    RunStarted,
    ToolBegan,
)
from weft.runtime.journal.fold import RunState
from weft.runtime.page import text
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings
from weft.runtime.views.block import block
from weft.runtime.views.doing import Heard
from weft.runtime.views.estimate import Left, left
from weft.runtime.views.live import Lines
from weft.runtime.views.names import Names
from weft.runtime.views.terminal import fitted
from weft.runtime.views.text import left_text

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
    assert left_text(known, 30.0).startswith("about 5.0 s and $2.0000")
    assert left_text(known, 99.0).startswith("longer than others took and $2.0000")


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


class Listening(io.StringIO):
    """Tells when a line was written that begins with how a run stands."""

    def __init__(self) -> None:
        super().__init__()
        self.status = Flag()

    def write(self, text: str) -> int:
        written = super().write(text)
        if "status" in text:
            self.status.set()
        return written


def test_a_log_tells_how_a_run_stands_also_when_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weft.runtime.views.live.HEARTBEAT_S", 0.01)
    with Listening() as stream, Lines(stream) as lines:
        for event in (STARTED, called(0, label="stuck"), AgentsStarted(ids=(0,))):
            lines(0.0, event)
        assert stream.status.wait(30)
        shown = stream.getvalue()
    assert "0 done, 1 running, 0 queued; quiet for" in shown and ": stuck\n" in shown


def test_a_long_label_takes_one_line_wherever_it_stands() -> None:
    label = f"refute:{'by all means ' * 30}\nthat there are"
    known, heard, stream = state((0.0, called(0, label=label)), (0.0, AgentsStarted(ids=(0,)))), Heard(), io.StringIO()
    rows = list(fitted(block(known, heard, 60.0), 80))
    assert len(rows) == 3 and all(row.cell_len <= 80 for row in rows)
    lines = Lines(stream)
    lost = AgentLost(id=0, lost=Lost(cause="refused", message="no"), allowance=UNLIMITED)
    for event in (STARTED, called(0, label=label), AgentsStarted(ids=(0,)), AgentQuiet(id=0, seconds=9), lost):
        lines(60.0, event)
    assert all(len(row) < 140 for row in stream.getvalue().splitlines())


def test_the_block_tells_what_is_spent_what_is_held_back_who_is_quiet_and_what_was_found() -> None:
    settings = replace(SETTINGS, budget_usd=10.0, hold=read_hold(["Report=1"]))
    known, heard = RunState(), Heard()
    reserved = MoneyMoved(reserved=(Reserved(1, 1, 100, 2.5),), settled=())
    act = ToolBegan(id=0, number=1, tool="run_command", subject="pytest -q", acts="once", key="k")
    for at, event in (
        (0.0, replace(STARTED, settings=settings)),
        *((0.0, called(number, label=f"a{number}")) for number in range(3)),
        (0.0, AgentsStarted(ids=(0, 1, 2))),
        (1.0, finished(2, 2.5)),
        (5.0, act),
        (50.0, reserved),
        *((50.0, FindingReported(data={"severity": severity})) for severity in ("high", "low", "high")),
    ):
        known.apply(at, event)
        heard.apply(at, event)
    shown = text(block(known, heard, 60.0))
    assert "$2.5000 of $10.0000  ██████▒▒▒▒▒▒░░░░░░░░░░▚▚  in flight $2.5000, held back $1.0000" in shown
    assert "0  a0  1:00  quiet 55.0 s  run_command pytest -q" in shown
    assert "1  a1  1:00                asks its model" in shown
    assert "found 3   2 high  1 low" in shown
