"""Loops that always end: `until_dry`, `until_target`, `while_budget`. Each yields rounds numbered from 1."""

from __future__ import annotations

from collections.abc import Iterator, Sized

from weft.primitives.budget import budget
from weft.primitives.errors import RoundNotReported

__all__ = ["Round", "until_dry", "until_target", "while_budget"]


class Round:
    """One turn of a loop helper. `number` counts from 1; `found(items)` tells the loop what the turn brought."""

    __slots__ = ("_count", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self._count: int | None = None

    def found(self, items: Sized) -> None:
        """Report what this round found; reports of one round add up.

        Raises:
            TypeError: `items` has no length.
        """
        if not isinstance(items, Sized):
            raise TypeError(f"round.found(items) takes a list of what was found, got a {type(items).__name__}")
        self._count = (self._count or 0) + len(items)

    def __repr__(self) -> str:
        return f"Round({self.number})"


def until_dry(*, max_rounds: int, patience: int = 2) -> Iterator[Round]:
    """Yield rounds until `patience` rounds in a row found nothing, at most `max_rounds`.

    Raises:
        ValueError: a bound below 1.
        RoundNotReported: a round ended without `round.found(items)`.
    """
    _check("until_dry", max_rounds=max_rounds, patience=patience)
    return _until_dry(max_rounds, patience)


def _until_dry(max_rounds: int, patience: int) -> Iterator[Round]:
    dry = 0
    for round_ in _rounds(max_rounds):
        yield round_
        dry = 0 if _reported("until_dry", round_) else dry + 1
        if dry == patience:
            return


def until_target(n: int, *, max_rounds: int) -> Iterator[Round]:
    """Yield rounds until `n` items were found in all, at most `max_rounds`.

    Raises:
        ValueError: a bound below 1.
        RoundNotReported: a round ended without `round.found(items)`.
    """
    _check("until_target", n=n, max_rounds=max_rounds)
    return _until_target(n, max_rounds)


def _until_target(n: int, max_rounds: int) -> Iterator[Round]:
    total = 0
    for round_ in _rounds(max_rounds):
        yield round_
        total += _reported("until_target", round_)
        if total >= n:
            return


def while_budget(*, reserve: int, max_rounds: int) -> Iterator[Round]:
    """Yield rounds while another one as dear as the last would leave at least `reserve` tokens, at most `max_rounds`.

    Without a token ceiling all rounds run.

    Raises:
        ValueError: a bound below 1, or a negative reserve.
    """
    _check("while_budget", max_rounds=max_rounds)
    if reserve < 0:
        raise ValueError(f"while_budget(reserve=…) must be 0 or more tokens, got {reserve!r}")
    return _while_budget(reserve, max_rounds)


def _while_budget(reserve: int, max_rounds: int) -> Iterator[Round]:
    last_cost = 0.0
    for round_ in _rounds(max_rounds):
        before = budget.spent()
        if budget.remaining() - last_cost < reserve:
            return
        yield round_
        last_cost = budget.spent() - before


def _rounds(max_rounds: int) -> Iterator[Round]:
    return (Round(number) for number in range(1, max_rounds + 1))


def _reported(helper: str, round_: Round) -> int:
    if round_._count is None:
        raise RoundNotReported(
            f"round {round_.number} of {helper} ended without round.found(items): the loop cannot tell whether to stop"
        )
    return round_._count


def _check(helper: str, **bounds: int) -> None:
    for name, bound in bounds.items():
        if isinstance(bound, bool) or not isinstance(bound, int) or bound < 1:
            raise ValueError(f"{helper}({name}=…) must be 1 or more, got {bound!r}")
