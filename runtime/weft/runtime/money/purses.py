"""What agents draw on, and their lines: data of `budget`, which decides."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import anyio

from weft.runtime.journal.events import Reserved
from weft.runtime.money.limits import Amount, Limit
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError

__all__ = ["Purse", "Turn"]


class Purse:
    """What some agents draw on, and the line in which they wait for it."""

    def __init__(self, whole: Limit, pool: Limit | None = None, slices: tuple[Limit, ...] = ()) -> None:
        self.pool = pool
        """The share that is held back for them."""
        self.slices = slices
        """Those they stand in, outermost first."""
        self.limits = (whole, *([] if pool is None else [pool]), *slices)
        self.line: OrderedDict[Turn, None] = OrderedDict()

    @property
    def first(self) -> Turn:
        """Return whose turn it is."""
        return next(iter(self.line))


@dataclass(slots=True, eq=False)
class Turn:
    """The place in line of one reservation."""

    number: int
    """Who came first."""
    wanted: Reserved
    cost: Amount
    decided: anyio.Event = field(default_factory=anyio.Event)
    refusal: Pause | AgentError | None = None
    """Why it was not granted, once that is decided."""
