"""What a person says about money: the ceiling, the shares of it that are held back, and what happens at the ceiling.

How a run is kept within it is `budget`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from weft.runtime.errors import Refused, UsageError

__all__ = ["CRITICAL", "Ceiling", "OnBudget", "Share", "check_hold", "exact", "read_hold"]

OnBudget = Literal[
    "pause",  # the run is paused with all it has, and can be resumed with a higher ceiling
    "finish",  # agents that do not fit are lost; what is held back finishes the run
    "stop",  # agents at work are ended, and the run with them
]
"""What happens when an agent does not fit under the ceiling."""

CRITICAL = "critical"
"""The name under which a share is held back for agents with `critical=True`, in whatever phase."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most a run may spend; `None` means no limit of that kind."""

    tokens: int | None = None
    """Input and output tokens together."""
    usd: float | None = None
    """US dollars at list price."""

    def lower(self, other: Ceiling) -> Ceiling:
        """Return the lower limit of each kind."""
        tokens = [ceiling.tokens for ceiling in (self, other) if ceiling.tokens is not None]
        usd = [ceiling.usd for ceiling in (self, other) if ceiling.usd is not None]
        return Ceiling(min(tokens, default=None), min(usd, default=None))


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the ceiling."""

    amount: float
    percent: bool = False
    """Whether the amount counts in hundredths of each ceiling; else in the unit of the only one."""

    def of(self, ceiling: Ceiling) -> Ceiling:
        """Return what it comes to; nothing of what has no limit."""
        if not self.percent:
            return Ceiling(0, self.amount) if ceiling.tokens is None else Ceiling(int(self.amount), 0)
        part = exact(self.amount) / 100
        return Ceiling(int(part * (ceiling.tokens or 0)), float(part * exact(ceiling.usd or 0)))

    def __str__(self) -> str:
        return f"{exact(self.amount).normalize():f}{'%' * self.percent}"


def exact(usd: float) -> Decimal:
    """Return the amount that a person reads: 0.1, not the binary fraction next to it."""
    return Decimal(str(usd))


def read_hold(texts: Iterable[str]) -> dict[str, Share]:
    """Read shares as a person writes them: `NAME=10%` or `NAME=0.5`.

    Raises:
        UsageError: one cannot be read, or two have the same name.
    """
    hold: dict[str, Share] = {}
    for text in texts:
        name, _, amount = (part.strip() for part in text.rpartition("="))
        share = _read_share(amount)
        if not name or name in hold or share is None:
            raise UsageError(
                f"--hold {name}= is given twice" if name in hold else f"--hold {text} names no share of the ceiling",
                meaning="nothing was started",
                fix="--hold PHASE=10% or, in the unit of the ceiling, --hold PHASE=0.5; also --hold critical=10%",
            )
        hold[name] = share
    return hold


def _read_share(text: str) -> Share | None:
    number = text.removesuffix("%")
    try:
        amount = float(number)
    except ValueError:
        return None
    return Share(amount, percent=number != text) if 0 < amount < math.inf else None


def check_hold(ceiling: Ceiling, hold: Mapping[str, Share]) -> None:
    """Check that shares can be held back under a ceiling.

    Raises:
        UsageError: there is no ceiling, or an amount could be of either of two.
        Refused: they come to more than there is.
    """
    if not hold:
        return
    if ceiling == Ceiling():
        raise _unclear("a share is held back, and there is no ceiling", "--budget USD or --budget-tokens N")
    amounts = [name for name, share in hold.items() if not share.percent]
    if amounts and ceiling.tokens is not None and ceiling.usd is not None:
        what = f"the share of {amounts[0]!r} could be in tokens or in dollars: there is a ceiling of both"
        raise _unclear(what, f"--hold {amounts[0]}=10% is a part of both")
    if ceiling.tokens is not None and any(hold[name].amount % 1 for name in amounts):
        raise _unclear("a share of tokens is a whole number of them", "--hold NAME=10% or, of 10,000, --hold NAME=1000")
    shares = [share.of(ceiling) for share in hold.values()]
    tokens, usd = sum(share.tokens or 0 for share in shares), sum(exact(share.usd or 0) for share in shares)
    if (ceiling.tokens is not None and tokens > ceiling.tokens) or (
        ceiling.usd is not None and usd > exact(ceiling.usd)
    ):
        held = " and ".join(f"{share} for {name!r}" for name, share in hold.items())
        raise Refused(
            f"more is held back than there is: {held}, of a ceiling of {_amount(ceiling)}",
            meaning="nothing was changed, and nothing was spent",
            fix="hold back less, or raise the ceiling",
        )


def _unclear(what: str, fix: str) -> UsageError:
    return UsageError(what, meaning="nothing was started", fix=fix)


def _amount(ceiling: Ceiling) -> str:
    tokens = [] if ceiling.tokens is None else [f"{ceiling.tokens:,} tokens"]
    return " and ".join([*tokens, *([] if ceiling.usd is None else [f"${exact(ceiling.usd):f}"])])
