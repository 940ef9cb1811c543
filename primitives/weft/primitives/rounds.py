"""Loops that always end, and say how: `until_dry`, `until_target`, `while_budget`. Each yields numbered rounds."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Literal, NoReturn

from weft.primitives.budget import share_after
from weft.primitives.calls import Note, current, heard, tell
from weft.primitives.errors import RoundNotReported
from weft.primitives.lost import NOTHING_SPENT, Spent

__all__ = [
    "LoopEnd",
    "LoopHelper",
    "Round",
    "Rounds",
    "check_bounds",
    "reported",
    "until_dry",
    "until_target",
    "while_budget",
]

LoopHelper = Literal["until_dry", "until_target", "while_budget"]

LoopEnd = Literal[
    "dry",  # so many rounds in a row found nothing
    "target",  # so many items were found
    "budget",  # another round could have broken into the reserve
    "lost",  # the agents of two rounds in a row were all lost: what there is to find is not known
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
            TypeError: `items` has no length, or one that counts something else: letters, or the fields of a reply.
        """
        if not isinstance(items, Sized) or isinstance(items, (str, bytes, dict)):
            raise TypeError(f"round.found(items) takes a list of what was found, got a {type(items).__name__}")
        self._count = (self._count or 0) + len(items)

    def __repr__(self) -> str:
        return f"Round({self.number})"


class Rounds:
    """The rounds of one loop: `for round in until_dry(…)`. How it ended is part of the run's result."""

    __slots__ = ("_begin", "_free", "_helper", "_last", "_most", "_reached", "ended")

    def __init__(
        self,
        helper: LoopHelper,
        most: int,
        reached: Callable[[Round | None], LoopEnd | None],
        free: Callable[[], bool] = lambda: False,
        begin: Callable[[int], Round] = Round,
    ) -> None:
        """Prepare to yield rounds.

        Args:
            helper: Which of the loops it is.
            most: How many rounds there are at most.
            reached: Says of the last round, `None` before the first, how the loop ends; `None` where it goes on.
            free: Tells at the end whether nothing but `most` could have ended it.
            begin: Makes the round of a number.
        """
        self._begin = begin
        self._free = free
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
            before = {} if self._last is None or self._last._count is None else {"found": self._last._count}
            if end is None:
                self._last = self._begin(rounds + 1)
                tell(Note("round", {"helper": self._helper, "number": rounds + 1, **before}))
                return self._last
            self.ended = end
            free = {"free": True} if end == "cap" and self._free() else {}
            tell(Note("loop", {"helper": self._helper, "ended": end, "rounds": rounds, **free, **before}))
        raise StopIteration


def until_dry(*, max_rounds: int, patience: int = 2) -> Rounds:
    """Yield rounds until `patience` rounds in a row found nothing, at most `max_rounds`.

    A round whose agents were all lost says nothing: it is not dry, and need not report. Two of them in a row end the
    loop in `"lost"`. A loop that is cut off at `max_rounds` before it has run dry ends in `"cap"`. After either the run
    is not clean.

    Raises:
        ValueError: a bound below 1.
        RoundNotReported: a round ended without `round.found(items)`.
    """
    check_bounds("until_dry", max_rounds=max_rounds, patience=patience)
    dry = 0

    def reached(last: Round | None, lost: bool) -> LoopEnd | None:
        nonlocal dry
        if last is not None and not lost:
            dry = 0 if reported("until_dry", last) else dry + 1
        return "dry" if dry == patience else None

    return Rounds("until_dry", max_rounds, _heeding_losses(reached))


def until_target(n: int, *, max_rounds: int) -> Rounds:
    """Yield rounds until `n` items were found in all, at most `max_rounds`.

    A round whose agents were all lost need not report; two of them in a row end the loop in `"lost"`. A loop that is
    cut off at `max_rounds` before its target ends in `"cap"`. After either the run is not clean.

    Raises:
        ValueError: a bound below 1.
        RoundNotReported: a round ended without `round.found(items)`.
    """
    check_bounds("until_target", n=n, max_rounds=max_rounds)
    total = 0

    def reached(last: Round | None, lost: bool) -> LoopEnd | None:
        nonlocal total
        total += 0 if last is None or lost else reported("until_target", last)
        return "target" if total >= n else None

    return Rounds("until_target", max_rounds, _heeding_losses(reached))


def while_budget(*, reserve: float, max_rounds: int) -> Rounds:
    """Yield rounds while another one as dear as the last would leave the reserve, at most `max_rounds`.

    Two rounds in a row whose agents were all lost end the loop in `"lost"`, after which the run is not clean. Nor is it
    where the loop is cut off at `max_rounds` (`"cap"`) while there was more to spend. Without a ceiling nothing but
    `max_rounds` can end it: that is `"cap"` too, and the run stays clean, for there was no budget to use up.

    Args:
        reserve: The share of the ceiling, from 0.0 to 1.0, that is to be left for what comes after the loop, in
            whichever unit is tighter.
        max_rounds: How many rounds there are at most.

    Raises:
        ValueError: a bound below 1, or a reserve that is no such share.
    """
    check_bounds("while_budget", max_rounds=max_rounds)
    if isinstance(reserve, bool) or not isinstance(reserve, (int, float)) or not 0 <= reserve <= 1:
        raise ValueError(
            "while_budget(reserve=…) must be a share of the ceiling, from 0.0 to 1.0, and no number of tokens: "
            f"0.2 keeps a fifth of it; got {reserve!r}"
        )
    before: Spent | None = None

    def reached(last: Round | None, lost: bool) -> LoopEnd | None:
        nonlocal before
        allowance = current("while_budget()").allowance
        cost = NOTHING_SPENT if before is None else allowance.spent - before
        before = allowance.spent
        now, then = share_after(allowance, NOTHING_SPENT), share_after(allowance, cost)
        return "budget" if now is not None and then is not None and (then < reserve or now <= 0) else None

    def free() -> bool:
        return share_after(current("while_budget()").allowance, NOTHING_SPENT) is None

    return Rounds("while_budget", max_rounds, _heeding_losses(reached), free)


LOST_ROUNDS = 2
"""After how many rounds in a row whose agents were all lost a loop ends."""


def _heeding_losses(
    reached: Callable[[Round | None, bool], LoopEnd | None],
) -> Callable[[Round | None], LoopEnd | None]:
    """Return what also ends a loop whose rounds are lost; `reached` is told of a round whether it was.

    That is one of whose agents none has answered, some were lost, and which has found nothing all the same.
    """
    before, in_a_row = heard(), 0

    def ends(last: Round | None) -> LoopEnd | None:
        nonlocal before, in_a_row
        now = heard()
        nobody = now.lost > before.lost and now.answered == before.answered
        lost = last is not None and nobody and not last._count
        before, in_a_row = now, in_a_row + 1 if lost else 0
        return reached(last, lost) or ("lost" if in_a_row == LOST_ROUNDS else None)

    return ends


def check_bounds(helper: str, **bounds: int) -> None:
    """Check the bounds of a loop.

    Raises:
        ValueError: one is no whole number from 1 on.
    """
    for name, bound in bounds.items():
        if isinstance(bound, bool) or not isinstance(bound, int) or bound < 1:
            raise ValueError(f"{helper}({name}=…) must be 1 or more and whole, got {bound!r}")


def reported(helper: str, round_: Round) -> int:
    """Return how many items a round has found.

    Raises:
        RoundNotReported: it did not say.
    """
    if round_._count is None:
        raise RoundNotReported(
            f"round {round_.number} of {helper} ended without round.found(items): the loop cannot tell whether to stop"
        )
    return round_._count
