"""What the agents of a run come to, kept up to date as each of them changes. What is told of it is `live`.

Nobody goes through all agents to say what an event has changed: what one of them counts for is taken off, and what it
counts for now is added. Dollars and seconds are added up as whole numbers, so that what is taken off leaves nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from weft.primitives.lost import Spent
from weft.runtime.journal.agentstate import AgentState, Phase, Standing
from weft.runtime.journal.fold import RunState
from weft.runtime.views.estimate import Left, Pace, guess

__all__ = ["OfPhase", "Sums", "spent_by"]

PARTS = 10**12
"""Into how many parts a dollar, or a second, is divided."""


class _Share(NamedTuple):
    """What one agent counts for."""

    phase: Phase
    standing: Standing
    tokens: int
    usd: int
    reused: bool
    model: str | None
    """Who has answered."""
    took: int | None
    """How long it took, of one that answered in this execution."""


@dataclass(slots=True)
class OfPhase:
    """The agents of a phase, counted and added up; an end is that of the last one that has ended so far."""

    standings: Counter[Standing] = field(default_factory=Counter)
    tokens: int = 0
    parts: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    answered: int = 0
    """How many answered in this execution; `took` and `paid` are of these."""
    took: int = 0
    paid: int = 0

    @property
    def counts(self) -> dict[Standing, int]:
        """Return how many stand how; nothing of what none does."""
        return {standing: number for standing, number in self.standings.items() if number}

    @property
    def usd(self) -> float:
        """Return what they have cost in this execution."""
        return self.parts / PARTS

    @property
    def pace(self) -> Pace:
        """Return what those took that have answered."""
        return Pace(self.answered, self.took / PARTS, self.paid / PARTS)

    def count(self, share: _Share, by: int) -> None:
        """Add what an agent counts for, or take it off."""
        self.standings[share.standing] += by
        if not share.reused:
            self.tokens += by * share.tokens
            self.parts += by * share.usd
        if share.took is not None:
            self.answered += by
            self.took += by * share.took
            self.paid += by * share.usd

    def stretch(self, agent: AgentState) -> None:
        """Let it last from the first start to the last end."""
        if agent.started_at is not None and (self.started_at is None or agent.started_at < self.started_at):
            self.started_at = agent.started_at
        if agent.ended_at is not None and (self.ended_at is None or agent.ended_at > self.ended_at):
            self.ended_at = agent.ended_at


@dataclass(slots=True)
class Sums:
    """The sums of one execution."""

    phases: dict[Phase, OfPhase] = field(default_factory=dict)
    """Those that have agents."""
    models: Counter[str] = field(default_factory=Counter)
    """How many agents each has answered."""
    reused: int = 0
    _shares: dict[int, _Share] = field(default_factory=dict)
    _at_work: dict[int, AgentState] = field(default_factory=dict)

    def take(self, agent: AgentState, state: RunState) -> None:
        """Count an agent for what it is now."""
        number, share = agent.called.id, _share(agent, state)
        before = self._shares.get(number)
        if before != share:
            if before is not None:
                self._count(before, -1)
            self._count(share, 1)
            self._shares[number] = share
        self.phases[agent.phase].stretch(agent)
        if agent.standing in ("running", "waiting"):
            self._at_work[number] = agent
        else:
            self._at_work.pop(number, None)

    def _count(self, share: _Share, by: int) -> None:
        self.phases.setdefault(share.phase, OfPhase()).count(share, by)
        self.reused += by * share.reused
        if share.model is not None:
            self.models[share.model] += by

    @property
    def counts(self) -> dict[Standing, int]:
        """Return how many agents of all phases stand how."""
        counts: Counter[Standing] = Counter()
        for phase in self.phases.values():
            counts.update(phase.counts)
        return dict(counts)

    def left(self, now: float) -> Left | None:
        """Guess what is left at this time of the run's clock, see `estimate`: work for each at work."""
        queued = {phase: of.standings["queued"] for phase, of in self.phases.items()}
        return guess({phase: of.pace for phase, of in self.phases.items()}, queued, self._at_work.values(), now)


def _share(agent: AgentState, state: RunState) -> _Share:
    spent = spent_by(agent, state)
    answered = agent.finished is not None
    took = None
    if agent.standing == "done" and not agent.reused and agent.started_at is not None:
        took = round(((agent.ended_at or 0.0) - agent.started_at) * PARTS)
    model = agent.model if answered else None
    return _Share(agent.phase, agent.standing, spent.tokens, round(spent.usd * PARTS), agent.reused, model, took)


def spent_by(agent: AgentState, state: RunState) -> Spent:
    """Return what an agent has cost so far, as far as it is known: of one at work, its requests that are settled."""
    account = state.accounts.open.get(agent.called.id)
    return agent.spent if account is None else account.settled
