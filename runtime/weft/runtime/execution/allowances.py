"""What a harness is told of its budget with each answer, so that a loop that goes by it takes the same turns again."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from weft.primitives.calls import Allowance
from weft.primitives.lost import Spent
from weft.runtime.ceiling import Ceiling, exact
from weft.runtime.journal.events import Completion
from weft.runtime.money.budget import Budget

__all__ = ["Allowances", "Told", "fraction"]


class Allowances(TypedDict):
    """How the budget stands: the fields of these names of a result, and of its event."""

    allowance: Allowance
    slices: tuple[Allowance, ...]


class Told:
    """Says how the budget of the run, and of each slice of it, stands.

    While the harness only hears again what it heard in an earlier execution, it is told what had been spent then:
    otherwise a loop that goes by the budget would find the money gone and take other turns.
    """

    def __init__(self, budget: Budget, first_spent: Spent | None) -> None:
        """Begin with what was spent when the first execution began; `None` where this is the first."""
        self._budget = budget
        self._ahead = first_spent is None
        """Whether it has come further than the executions before."""
        self._spent: dict[int | None, Spent] = {None: budget.spent if first_spent is None else first_spent}
        """What it was told of the run, and of each slice, at this point of the first execution."""
        self._slices: dict[int, int | None] = {}
        """The slice that each call stands in, by the number of the call that opened it."""

    def place(self, number: int, slice_: int | None) -> None:
        """Remember in which slice a call stands."""
        self._slices[number] = slice_

    def go_further(self) -> None:
        """Take note that it hears something new, so that the budget counts as it is."""
        self._ahead = True

    def answering(self, number: int, then: Completion | None = None) -> Allowances:
        """Return what goes with the answer to a call; `then` is the same answer as it came in an earlier execution."""
        return self.within(self._slices[number], then)

    def within(self, slice_: int | None = None, then: Completion | None = None) -> Allowances:
        """Return how the whole budget stands, and each slice around and including this one."""
        now = self._budget.allowances(slice_)
        if not self._ahead:
            before = () if then is None else (then.allowance, *then.slices)
            self._spent.update((number, allowance.spent) for number, allowance in zip(now, before, strict=False))
            now = {
                number: replace(allowance, spent=self._spent.get(number, Spent())) for number, allowance in now.items()
            }
        whole, *slices = now.values()
        return {"allowance": whole, "slices": tuple(slices)}


def fraction(part: float, of: Allowance) -> Ceiling:
    """Return a part of what is left; of no limit, that is none either."""
    tokens = None if of.tokens is None else int(exact(part) * max(0, of.tokens - of.spent.tokens))
    usd = None if of.usd is None else float(exact(part) * max(exact(0), exact(of.usd) - exact(of.spent.usd)))
    return Ceiling(tokens, usd)
