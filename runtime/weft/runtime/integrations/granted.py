"""What a person has granted to a server by starting it, of which whoever speaks to it can raise nothing.

One ceiling holds for all that the server has started: what goes on holds its part of it, what has ended what it spent.
Who says yes to a single plan is `project.approvals`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from weft.primitives.lost import Spent
from weft.runtime.ceiling import Ceiling
from weft.runtime.errors import JournalError, NotFound, Refused
from weft.runtime.integrations.commands import Child
from weft.runtime.project.folders import RunFolder
from weft.runtime.settings import FLAGS

__all__ = ["Granted", "Part", "Purse"]

MOST_AT_ONCE = 8
"""How many commands of one server may go on at a time."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What holds for all that a server starts."""

    options: tuple[str, ...]
    """Of its commands, but for the ceiling: folders, models, grants, limits."""
    ceiling: Ceiling
    """For all of it together."""
    yes: bool = False
    """Whether every plan is approved that stays below the ceiling."""


@dataclass(slots=True)
class Part:
    """What one command holds of the ceiling."""

    most: Ceiling
    child: Child | None = None
    """Its process, once there is one."""
    run: RunFolder | None = None
    """The run that it executes, once there is one."""
    settled: Spent | None = None
    """What it has spent in the end; `None` while it goes on."""

    @property
    def options(self) -> list[str]:
        """Return it as options of a command."""
        return [*FLAGS["budget_usd"].words(self.most.usd), *FLAGS["budget_tokens"].words(self.most.tokens)]

    def counted(self) -> Spent:
        """Return what of it counts: while it goes on, and where nobody can tell what it has spent, all of it."""
        most = Spent(input_tokens=self.most.tokens or 0, usd=self.most.usd or 0.0)
        if self.settled is None and self.child is not None and self.child.ended:
            self.settled, self.child = self._spent(self.child) or most, None
        return self.settled or most

    def _spent(self, child: Child) -> Spent | None:
        if self.run is None:
            return child.spent()
        child.close()
        try:
            return self.run.state().spent
        except (JournalError, NotFound):
            return None


@dataclass(slots=True)
class Purse:
    """The ceiling of a server, and who holds what of it."""

    ceiling: Ceiling
    _parts: list[Part] = field(default_factory=list)

    def take(self, wanted: Ceiling) -> Part:
        """Return what the next command may spend: as much as is wanted, or all that is left.

        Raises:
            Refused: nothing is left, or too much goes on already.
        """
        counts = [part.counted() for part in self._parts]
        going_on = [part for part in self._parts if part.settled is None]
        if len(going_on) >= MOST_AT_ONCE:
            raise Refused(
                f"{len(going_on)} commands of this server go on, and no more may at a time",
                meaning="nothing was started",
                fix="wait until one has ended, as status tells, or steer one to its stop",
            )
        usd, tokens = self.ceiling.usd, self.ceiling.tokens
        left = Ceiling(
            None if tokens is None else tokens - sum(one.tokens for one in counts),
            None if usd is None else round(usd - sum(one.usd for one in counts), 6),
        )
        if any(rest is not None and rest <= 0 for rest in (left.usd, left.tokens)):
            raise Refused(
                "all of the ceiling of this server is spent, or held by what goes on",
                where=f"{_said(self.ceiling)}, {len(going_on)} commands go on",
                meaning="nothing was started",
                fix="wait for what goes on, and name a lower budget for each run that is to go on beside others; "
                "a higher ceiling is for the person who starts the server to set",
            )
        part = Part(left.lower(wanted))
        self._parts.append(part)
        return part

    def give_back(self, part: Part) -> None:
        """Take back a part of which nothing can be spent any more."""
        self._parts = [one for one in self._parts if one is not part]


def _said(ceiling: Ceiling) -> str:
    parts = [] if ceiling.usd is None else [f"${ceiling.usd:g}"]
    return " and ".join([*parts, *([] if ceiling.tokens is None else [f"{ceiling.tokens:,} tokens"])])
