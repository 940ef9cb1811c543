"""Which container a value is, whatever is put into it later."""

from __future__ import annotations

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import ZERO, Amount
from weft.linter.record import record

__all__ = ["Birth"]

_COPIED = 16
"""How many identities are copied in one step."""


@record(eq=False)
class Birth:
    """An allocation site: the identity of a container, which stays while its contents change."""

    line: int
    loops: tuple[object, ...] = ()
    """The loops that were running when it was made."""
    shared: bool = False
    """It stands for several containers at once, as the one made by `{k: [] for k in keys}`."""
    either: frozenset[Birth] = frozenset()
    """The containers that it may be, where that depends on the path."""
    promised: object = None
    """The place in a schema that promises it, of which there may be many."""
    argument: tuple[str, ...] | None = None
    """The path of the argument of the run that it is."""
    branches: int = 0
    """How many branches were running, each in the next, when it was made."""
    each: Amount = ZERO
    """Of several containers: how many elements each had when it was made. What came later is counted once for all."""

    @property
    def counts_together(self) -> bool:
        """Whether it stands for several containers, in which together only so much is as was put into any of them."""
        return self.shared and not self.either and not self.each.symbols() and not self.each.reasons

    def may_be(self, other: Birth) -> bool:
        """Tell whether both may be the same container."""
        if not self.either and not other.either:
            return self is other
        return not ({self} | self.either).isdisjoint({other} | other.either)

    def arguments(self) -> set[tuple[str, ...]]:
        """Return the paths of the arguments of the run that it may be."""
        return {one.argument for one in {self} | self.either if one.argument is not None}

    def or_else(self, other: Birth) -> Birth:
        """Return the identity of a container that is one or the other."""
        if self is other:
            return self
        both = frozenset((self, other)) | self.either | other.either
        spend(len(both) // _COPIED)
        made = other if self.promised is not None else self  # an answer is of its own, wherever it was declared
        promised = self.promised and other.promised
        depth = min(self.branches, other.branches)
        shared = self.shared or other.shared
        return Birth(made.line, made.loops, shared, both, promised, branches=depth)
