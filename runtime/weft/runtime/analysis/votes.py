"""What each further vote on claims has changed, and cost: read off the verdicts of `verify`.

With so many votes as if no more had been asked: the quorum is then no larger than their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.primitives.verifying import Rule
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.callpath import owner
from weft.runtime.journal.events import AgentCalled, Event, FanOutBegan, VerdictReached

__all__ = ["Claim", "Marginal", "Votes", "votes"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The votes on one claim, with who cast them."""

    reached: VerdictReached
    voters: tuple[AgentState | None, ...]
    """One of each vote; `None` where nobody was asked."""


@dataclass(slots=True)
class Marginal:
    """The k-th votes on all claims together."""

    number: int | None
    """From 1; `None` for tie-breakers."""
    asked: int = 0
    """How many were cast, or lost."""
    claims: int = 0
    """On how many claims so many votes could be."""
    changed: int = 0
    """On how many of them it changed what the votes before it came to."""
    final: int = 0
    """On how many of them the votes up to it come to what was reached in the end."""
    spent: Spent = NOTHING_SPENT


@dataclass(slots=True)
class Votes:
    """All votes of an execution."""

    claims: list[Claim] = field(default_factory=list)
    marginal: list[Marginal] = field(default_factory=list)
    """By their number; tie-breakers are last."""

    @property
    def survived(self) -> int:
        """How many claims survived."""
        return sum(claim.reached.outcome == "survives" for claim in self.claims)

    @property
    def spent(self) -> Spent:
        """What all votes have cost."""
        return sum((one.spent for one in self.marginal), Spent())


def votes(events: Iterable[Event], agents: Mapping[int, AgentState]) -> Votes:
    """Return the votes of one execution."""
    found = Votes(_claims(events, agents))
    of: dict[int | None, Marginal] = {}
    for claim in found.claims:
        _add(claim, of)
    found.marginal = [of[number] for number in sorted(of, key=lambda number: (number is None, number or 0))]
    return found


def _claims(events: Iterable[Event], agents: Mapping[int, AgentState]) -> list[Claim]:
    """Pair verdicts with the agents that voted: those of the fan-out that their task began last."""
    fan_out: dict[str, str] = {}
    by_path: dict[str, AgentState] = {}
    claims: list[Claim] = []
    for event in events:
        match event:
            case FanOutBegan(path=path):
                fan_out[owner(path)] = path
            case AgentCalled(path=path):
                by_path[path] = agents[event.id]
            case VerdictReached(path=path):
                begun = fan_out.get(path, "")
                voters = [by_path.get(f"{begun}.{number}") for number in range(event.sides)]
                voters += [by_path.get(path)] * (len(event.votes) - event.sides)
                claims.append(Claim(event, tuple(voters)))
            case _:
                pass
    return claims


def _add(claim: Claim, of: dict[int | None, Marginal]) -> None:
    reached = claim.reached
    before = None
    for number in range(1, reached.sides + 1):
        one = of.setdefault(number, Marginal(number))
        rule = Rule(min(reached.quorum, number), reached.veto)
        outcome = rule.outcome(reached.votes[:number])
        one.claims += 1
        one.changed += number > 1 and outcome != before
        one.final += outcome == reached.outcome
        before = outcome
        _pay(one, claim.voters[number - 1])
    if len(reached.votes) > reached.sides:
        one = of.setdefault(None, Marginal(None))
        one.claims += 1
        one.changed += reached.outcome != before
        one.final += 1
        _pay(one, claim.voters[-1])


def _pay(one: Marginal, voter: AgentState | None) -> None:
    if voter is not None and (voter.finished is not None or voter.lost is not None):
        one.asked += 1
    one.spent += NOTHING_SPENT if voter is None else voter.spent
