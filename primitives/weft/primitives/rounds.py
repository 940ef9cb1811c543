"""Loops that always end, and say how: `until_dry`, `until_target`, `while_budget`. Each yields numbered rounds."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Literal, NoReturn

from weft.primitives.budget import budget
from weft.primitives.calls import Note, tell
from weft.primitives.errors import RoundNotReported

__all__ = ["LoopEnd", "LoopHelper", "Round", "Rounds", "until_dry", "until_target", "while_budget"]

LoopHelper = Literal["until_dry", "until_target", "while_budget"]

LoopEnd = Literal[
    "dry",  # so many rounds in a row found nothing
    "target",  # so many items were found
    "budget",  # another round could have broken into the reserve
    "cap",  # none of these had come about within `max_rounds`: there may be more to find, or to spend
]
"""How a loop ended. One that is left by `break`, `return` or an error ends in none of these ways."""


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


class Rounds:
    """The rounds of one loop: `for round in until_dry(…)`. How it ended is part of the run's result."""

    __slots__ = ("_helper", "_last", "_most", "_reached", "ended")

    def __init__(self, helper: LoopHelper, most: int, reached: Callable[[Round | None], LoopEnd | None]) -> None:
        """Prepare so many rounds at most, until `reached` says of the last one how the loop ends."""
        self._helper = helper
        self._most = most
        self._reached = reached
        self._last: Round | None = None
        self.ended: LoopEnd | None = None
        """How the loop has ended; `None` while it goes on, and where it was left by `break`."""

    def __iter__(self) -> Rounds:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("the rounds of a loop cannot be copied: they would be counted twice")

    def __next__(self) -> Round:
        if self.ended is None:
            rounds = self._last.number if self._last is not None else 0
            end = self._reached(self._last) or ("cap" if rounds == self._most else None)
            if end is None:
                self._last = Round(rounds + 1)
                return self._last
            self.ended = end
            tell(Note("loop", {"helper": self._helper, "ended": end, "rounds": rounds}))
        raise StopIteration


def until_dry(*, max_rounds: int, patience: int = 2) -> Rounds:
    """Yield rounds until `patience` rounds in a row found nothing, at most `max_rounds`.

    A loop that is cut off at `max_rounds` before that ends in `"cap"`, and the run is not clean.

    Raises:
        ValueError: a bound below 1.
        RoundNotReported: a round ended without `round.found(items)`.
    """
    _check("until_dry", max_rounds=max_rounds, patience=patience)
    dry = 0

    def reached(last: Round | None) -> LoopEnd | None:
        nonlocal dry
        dry = 0 if last is None or _reported("until_dry", last) else dry + 1
        return "dry" if dry == patience else None

    return Rounds("until_dry", max_rounds, reached)


def until_target(n: int, *, max_rounds: int) -> Rounds:
    """Yield rounds until `n` items were found in all, at most `max_rounds`.

    A loop that is cut off at `max_rounds` before that ends in `"cap"`, and the run is not clean.

    Raises:
        ValueError: a bound below 1.
        RoundNotReported: a round ended without `round.found(items)`.
    """
    _check("until_target", n=n, max_rounds=max_rounds)
    total = 0

    def reached(last: Round | None) -> LoopEnd | None:
        nonlocal total
        total += 0 if last is None else _reported("until_target", last)
        return "target" if total >= n else None

    return Rounds("until_target", max_rounds, reached)


def while_budget(*, reserve: int, max_rounds: int) -> Rounds:
    """Yield rounds while another one as dear as the last would leave at least `reserve` tokens, at most `max_rounds`.

    Without a token ceiling all rounds run. A loop that is cut off at `max_rounds` while there is more to spend ends in
    `"cap"`, and the run is not clean.

    Raises:
        ValueError: a bound below 1, or a negative reserve.
    """
    _check("while_budget", max_rounds=max_rounds)
    if reserve < 0:
        raise ValueError(f"while_budget(reserve=…) must be 0 or more tokens, got {reserve!r}")
    before = 0.0

    def reached(last: Round | None) -> LoopEnd | None:
        nonlocal before
        spent = budget.spent()
        cost = 0.0 if last is None else spent - before
        before = spent
        return "budget" if budget.remaining() - cost < reserve else None

    return Rounds("while_budget", max_rounds, reached)


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
