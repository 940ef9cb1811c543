"""What a loop is made of when it is followed, and what its rounds have come to. How it is followed is in `repeat`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, endless, minimum
from weft.linter.facts.domain.arguments import ARGUMENTS
from weft.linter.facts.domain.contained import everything
from weft.linter.facts.domain.cost import Costs, Repeat, agents, choice, started
from weft.linter.facts.domain.growth import Carried
from weft.linter.facts.domain.intervals import Differs, Interval, Less
from weft.linter.facts.domain.ranking import Proof
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.refit import Ends
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.sums import owned
from weft.linter.facts.domain.values import Dict, Listing, Value
from weft.linter.facts.follow.ageing import Ageing
from weft.linter.facts.repeating import Loop

__all__ = ["OPEN", "Outcome", "Rounds", "Whole", "cost_of", "grows"]

_LATE = Reason(0, "what gives its elements has changed since it was called", "walk it at once", "unknown")

OPEN = endless(Reason(0, "a condition decides how often it runs", "", "condition"))
"""As many rounds as a condition lets begin."""


@dataclass(slots=True)
class Rounds:
    """A loop to follow."""

    loop: Loop
    begin: Callable[[Amount], bool]
    """Begin the round with this index; false when the condition never lets it begin."""
    body: Callable[[], None]
    times: Interval | None
    """How many elements there are to walk; `None` where a condition decides."""
    text: str
    """What is repeated, for the terms of the bound."""
    end: Callable[[], None] | None = None
    """What follows when no round is left: what the condition says then, and the `else` of the loop."""
    source: Listing | None = None
    """The list that is walked."""
    begins: bool = False
    """Its condition surely holds when it is reached, so that there is a first round."""
    refit: Callable[[Ends], None] | None = None
    """Replaces symbols in what a round hands out besides the variables."""

    awaits: bool = False
    """What gives the elements may start agents for each of them."""
    ageing: Ageing = field(init=False)
    """The objects that its rounds make."""

    def __post_init__(self) -> None:
        self.ageing = Ageing(self.loop)

    @property
    def walked(self) -> Interval:
        """How many rounds there are by the list that is walked; any number where a condition decides."""
        return self.times or Interval(ONE if self.begins else ZERO, OPEN)


@dataclass(slots=True)
class Outcome:
    """Where one round leads."""

    backs: list[State]
    breaks: list[State]
    entered: frozenset[Less | Differs] = frozenset()
    """What the condition says whenever a round begins."""
    returns: list[tuple[State, Value]] = field(default_factory=list)
    raises: list[State] = field(default_factory=list)
    """What holds where an error is raised: one state at most."""

    @property
    def leaving(self) -> list[State]:
        """What holds where a round means to leave the loop before its end."""
        return [*self.breaks, *(state for state, _ in self.returns)]

    def fit(self, ends: Ends) -> None:
        """Replace the symbols in all that the round leads to."""
        for state in (*self.backs, *self.leaving, *self.raises):
            ends.fit_all(state)
        self.returns = [(state, ends.fit(value)) for state, value in self.returns]

    @property
    def cost(self) -> Costs:
        """What a round costs, whichever path it takes."""
        return choice([state.cost for state in (*self.backs, *self.leaving)], [state.cost for state in self.raises])


@dataclass(slots=True)
class Whole:
    """Everything that is known when a loop has been followed."""

    before: State
    outcome: Outcome
    carried: Carried
    proof: Proof | None
    times: Interval
    """How many rounds can begin."""
    single: list[Costs] | None = None
    """What each of them costs, where they were followed one by one."""
    after: Ends = field(default_factory=Ends)
    """What has changed from round to round is after the loop."""


def grows(rounds: Rounds, carried: Carried) -> bool:
    """Tell whether a round adds to the list that is walked."""
    if rounds.source is None or rounds.loop.kind == "branches":  # all of them are there before any begins
        return False
    walked = rounds.source.reads | {rounds.source.birth} | rounds.source.birth.either
    if any(
        (cell in rounds.source.reads and not isinstance(value, (Listing, Dict)))
        or (cell[0] is ARGUMENTS and cell[1] in rounds.source.reads)
        for cell, value in carried.values.items()
    ):
        return True
    inside = {id(one): one for value in carried.values.values() for one in everything(value)}
    same = [one for one in inside.values() if isinstance(one, (Listing, Dict)) and one.birth in walked]
    sizes = [part.count.high for one in same if isinstance(one, Listing) for part in one.parts]
    sizes += [one.rest.high for one in same if isinstance(one, Dict)]
    symbols = {symbol for size in sizes for symbol in size.symbols()}
    changes = [carried.changes[symbol] for symbol in symbols & carried.changes.keys()]
    return any(change.most_gain != ZERO or change.peak.reasons for change in changes)


def cost_of(rounds: Rounds, whole: Whole) -> tuple[Costs, bool]:
    """Return what the rounds cost, and whether the path that leaves the loop is paid besides."""
    outcome, proof = whole.outcome, whole.proof
    line = getattr(rounds.loop.node, "lineno", 0)
    if whole.single is not None:
        once = Interval(ZERO, ONE)
        return tuple(Repeat.of(one, once, rounds.loop, line, rounds.text) for one in whole.single if one), False
    counted = proof is None or proof.headed
    if counted:
        body, times = outcome.cost, whole.times
    else:
        assert proof is not None  # counted otherwise
        body = choice([state.cost for state in outcome.backs])
        times = Interval(ZERO, minimum(proof.rounds, whole.times.high))
        ways = [state.cost for state in outcome.backs]
        if len(ways) == sum(len(stage.ways) for stage in proof.stages) and not owned(agents(body), rounds.loop):
            return _in_stages(rounds, proof, ways), True
    costs: Costs = (Repeat.of(body, times, rounds.loop, line, rounds.text),) if body else ()
    if rounds.awaits and (rounds.walked.high.reasons or grows(rounds, whole.carried)):
        costs = (*costs, started(line, rounds.text, Interval(ZERO, endless(_LATE))))
    return costs, not counted


def _in_stages(rounds: Rounds, proof: Proof, ways: list[Costs]) -> Costs:
    """Return what the rounds cost, where it is known how often each way through them is gone."""
    line = getattr(rounds.loop.node, "lineno", 0)
    parts = [(choice([ways[way] for way in stage.ways]), Interval(ZERO, stage.rounds)) for stage in proof.stages]
    return tuple(Repeat.of(cost, times, rounds.loop, line, rounds.text) for cost, times in parts if cost)
