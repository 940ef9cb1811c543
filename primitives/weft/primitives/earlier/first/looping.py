"""Loops as version 1 of the language has them: a round that lost its agents is dry, a reserve is a number of tokens."""

from __future__ import annotations

from collections.abc import Sized

from weft.primitives.earlier.first.budgeting import budget
from weft.primitives.rounds import LoopEnd, Round, Rounds, check_bounds, reported

__all__ = ["until_dry", "until_target", "while_budget"]


class AnyRound(Round):
    """A round that takes whatever has a length for what was found, a text and a dict too."""

    __slots__ = ()

    def found(self, items: Sized) -> None:
        """Report what this round found."""
        super().found(items if not isinstance(items, (str, bytes, dict)) else range(len(items)))


def until_dry(*, max_rounds: int, patience: int = 2) -> Rounds:
    """Yield rounds until `patience` rounds in a row found nothing, at most `max_rounds`."""
    check_bounds("until_dry", max_rounds=max_rounds, patience=patience)
    dry = 0

    def reached(last: Round | None) -> LoopEnd | None:
        nonlocal dry
        dry = 0 if last is None or reported("until_dry", last) else dry + 1
        return "dry" if dry == patience else None

    return Rounds("until_dry", max_rounds, reached, begin=AnyRound)


def until_target(n: int, *, max_rounds: int) -> Rounds:
    """Yield rounds until `n` items were found in all, at most `max_rounds`."""
    check_bounds("until_target", n=n, max_rounds=max_rounds)
    total = 0

    def reached(last: Round | None) -> LoopEnd | None:
        nonlocal total
        total += 0 if last is None else reported("until_target", last)
        return "target" if total >= n else None

    return Rounds("until_target", max_rounds, reached, begin=AnyRound)


def while_budget(*, reserve: int, max_rounds: int) -> Rounds:
    """Yield rounds while another one as dear as the last would leave `reserve` tokens, at most `max_rounds`."""
    check_bounds("while_budget", max_rounds=max_rounds)
    if reserve < 0:
        raise ValueError(f"while_budget(reserve=…) must be 0 or more tokens, got {reserve!r}")
    before = 0.0

    def reached(last: Round | None) -> LoopEnd | None:
        nonlocal before
        spent = budget.spent()
        cost = 0.0 if last is None else spent - before
        before = spent
        return "budget" if budget.remaining() - cost < reserve else None

    return Rounds("while_budget", max_rounds, reached, begin=AnyRound)
