"""What the numbers in a list or dict add up to: a variable of its own beside each that is made with numbers in it.

Which of its entries a round moves may not be known, and yet by how much it moves all of them together.
"""

from __future__ import annotations

from weft.linter.facts.domain.amounts import number
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.intervals import EXACTLY_ONE
from weft.linter.facts.domain.values import Dict, Listing, Number, Value

__all__ = ["TOTAL", "at_first", "forget_totals"]

TOTAL = object()
"""The name of that variable; its owner is the list or dict."""


def forget_totals(cells: dict[tuple[object, object], Value], birth: Birth) -> dict[tuple[object, object], Value]:
    """Return variables of which none says what is in this container, which has changed in whatever way."""
    stale = [(one, TOTAL) for one in (birth, *birth.either) if (one, TOTAL) in cells]
    return {**cells, **dict.fromkeys(stale, ANY)} if stale else cells


def at_first(box: Listing | Dict) -> Number | None:
    """Return what the numbers in a new list or dict add up to; `None` where they are not all known."""
    if box.birth.shared or box.birth.either:
        return None
    if isinstance(box, Dict):
        if box.values is not None or box.open or box.schema is not None or not all(x.sure for x in box.fields.values()):
            return None
        values = [one.value for one in box.fields.values()]
    else:
        if not box.parts or any(part.count != EXACTLY_ONE for part in box.parts):
            return None
        values = [part.element for part in box.parts]
    exact = [one.exact if isinstance(one, Number) else None for one in values]
    total = number(sum(one or 0 for one in exact))
    return None if None in exact else Number(low=total, high=total)
