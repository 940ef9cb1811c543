"""`budget` as version 1 of the language has it: readings are in tokens where no unit is written."""

from __future__ import annotations

import math

from weft.primitives.budget import Unit
from weft.primitives.calls import current

__all__ = ["Budget", "budget"]


class Budget:
    """A read-only view of the run's one budget. Units: `"tokens"` (input and output together) or `"usd"`."""

    __slots__ = ()

    @property
    def total(self) -> int | None:
        """The ceiling in tokens; `None` when the run has none."""
        return current("budget").allowance.tokens

    def spent(self, unit: Unit = "tokens") -> float:
        """Return what finished agents have cost."""
        spent = current("budget").allowance.spent
        return {"tokens": spent.tokens, "usd": spent.usd}[_known(unit)]

    def remaining(self, unit: Unit = "tokens") -> float:
        """Return what is left under the ceiling, never below 0; infinity when the run has no such ceiling."""
        allowance = current("budget").allowance
        ceiling = {"tokens": allowance.tokens, "usd": allowance.usd}[_known(unit)]
        return math.inf if ceiling is None else max(0, ceiling - self.spent(unit))

    def __repr__(self) -> str:
        return "budget"


def _known(unit: Unit) -> Unit:
    if unit not in ("tokens", "usd"):
        raise ValueError(f'budget is counted in "tokens" or "usd", not {unit!r}')
    return unit


budget = Budget()
