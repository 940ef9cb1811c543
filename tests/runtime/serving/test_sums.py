"""The sums of a run that are kept, event by event: they are what all its agents come to, counted anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from crowd import one_told
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.primitives.lost import Lost, Spent
from weft.runtime.journal import RunState, fold
from weft.runtime.journal.events import (
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentGoesOn,
    AgentLost,
    AgentsStarted,
    AgentWaits,
    Event,
    MoneyMoved,
    RunEnded,
    RunStarted,
)
from weft.runtime.journal.moved import Reserved, Settled
from weft.runtime.project.folders import RunFolder
from weft.runtime.serving.feeds import Feed
from weft.runtime.serving.sums import spent_by
from weft.runtime.understood import Understood
from weft.runtime.views.estimate import left


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    return one_told(tmp_path_factory.mktemp("one"))


def one(told: list[Event], kind: type[Any]) -> Any:
    return next(event for event in told if isinstance(event, kind))


STEPS = st.lists(
    st.tuples(
        st.sampled_from("call call start start wait reserve settle answer answer lose cancel read end again".split()),
        st.integers(0, 7),
        st.floats(0, 3, allow_nan=False),
    ),
    max_size=60,
)


BEFORE_THE_END = [(step, 0, 1.0) for step in ("call", "start", "reserve", "settle", "read", "end")]
"""A run may end while an agent is at work."""


@dataclass
class Teller:
    """Tells what may happen to a few agents, one event for each step that is possible."""

    told: list[Event]
    state: RunState

    def event(self, step: str, number: int, amount: float) -> Event | None:
        agent, spent = self.state.agents.get(number), Spent(int(amount * 100), 7, amount)
        match step:
            case "call" if agent is None and self.state.ended is None:
                called = one(self.told, AgentCalled)
                phase = ("Crowd", "Other", None)[number % 3]
                return replace(called, request=replace(called.request, id=number, phase=phase))
            case "end" if self.state.ended is None:
                return replace(one(self.told, RunEnded), spent=self.state.spent)
            case "again":
                return one(self.told, RunStarted)
        if agent is None or agent.ended_at is not None or self.state.ended is not None:
            return None
        return self._of(step, number, amount, spent, began=agent.started_at is not None)

    def _of(self, step: str, number: int, amount: float, spent: Spent, *, began: bool) -> Event | None:
        unlimited = one(self.told, AgentFinished).allowance
        match step:
            case "start" if not began:
                return AgentsStarted(ids=(number,))
            case "wait" if began:
                waits = AgentWaits(id=number, reason="provider", detail="", seconds=amount)
                return waits if amount < 2 else AgentGoesOn(id=number)
            case "reserve" if began:
                return MoneyMoved(reserved=(Reserved(agent=number, number=0, tokens=9, usd=amount),))
            case "settle" if began:
                return MoneyMoved(settled=(Settled(agent=number, number=0, spent=spent),))
            case "answer":
                understood = Understood(count=1, of=1 + (amount > 2)) if number % 2 else None
                finished = replace(one(self.told, AgentFinished), id=number, spent=spent, understood=understood)
                return replace(finished, reused=not began, answered_by="another" if amount > 1 else None)
            case "lose" if amount > 1:
                lost = Lost(cause="provider", message="gone", spent=spent)
                return AgentLost(id=number, lost=lost, allowance=unlimited)
            case "cancel":
                return AgentCancelled(id=number, spent=spent)
        return None


def anew(state: RunState) -> dict[str, Any]:
    """Return what is kept, from all agents."""
    agents = [*state.agents.values()]
    phases = [[agent for agent in agents if agent.phase == phase] for phase in state.phases]
    fresh = [[spent_by(agent, state) for agent in phase if not agent.reused] for phase in phases]
    rest = left(state, state.at) if state.ended is None else None
    return {
        "counts": Counter(agent.standing for agent in agents),
        "phases": [Counter(agent.standing for agent in phase) for phase in phases],
        "tokens": [sum(spent.tokens for spent in phase) for phase in fresh],
        "usd": pytest.approx([sum(spent.usd for spent in phase) for phase in fresh], abs=1e-6),
        "started": [min((a.started_at for a in phase if a.started_at is not None), default=None) for phase in phases],
        "ended": [max((a.ended_at for a in phase if a.ended_at is not None), default=None) for phase in phases],
        "models": dict(state.models),
        "reused": state.reused_agents,
        "lost": len(state.lost) + len(state.host_calls.lost) + len(state.raised),
        "left": None if rest is None else pytest.approx((rest.agents, rest.seconds, rest.usd)),
        "whole": not state.lost and all(understanding.whole for understanding in state.understanding),
    }


def kept(head: dict[str, Any]) -> dict[str, Any]:
    """Return the same of what is told."""
    phases = head["phases"]
    return {
        "counts": head["counts"],
        "phases": [phase["counts"] for phase in phases],
        "tokens": [phase["tokens"] for phase in phases],
        "usd": [phase["usd"] for phase in phases],
        "started": [phase["started_at"] for phase in phases],
        "ended": [phase["ended_at"] for phase in phases],
        "models": head["models"],
        "reused": head["numbers"]["reused"],
        "lost": head["numbers"]["lost"],
        "left": None if head["left"] is None else (*head["left"].values(),),
        "whole": head["health"] == "clean",
    }


def chunks(told: list[Event], steps: list[tuple[str, int, float]]) -> Iterator[list[tuple[float, Event]]]:
    """Yield what is told from one look to the next."""
    state, at = RunState(), 0.0
    teller, new = Teller(told, state), [(0.0, one(told, RunStarted))]
    fold(new, state)
    for step, number, amount in steps:
        if step == "read":
            yield new
            new = []
        event = teller.event(step, number, amount)
        if event is not None:
            at += amount
            fold([(at, event)], state)
            new.append((at, event))
    yield new


@settings(max_examples=100)
@given(steps=STEPS)
def test_what_is_kept_is_what_is_counted_anew(told: list[Event], steps: list[tuple[str, int, float]]) -> None:
    journal: list[tuple[float, Event]] = []
    folder = SimpleNamespace(
        id="one", alive=True, events=lambda after: journal[after:], note_killed=lambda state, alive: None
    )
    feed = Feed(cast("RunFolder", folder))
    for new in chunks(told, [*steps, *BEFORE_THE_END]):
        journal += new
        feed.read()
        assert kept(feed.head()) == anew(fold(journal))
