"""Why no number of rounds is proved for a loop: the reason that its author can do something about."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from weft.linter.facts.domain.amounts import ZERO, Amount, Reason
from weft.linter.facts.domain.growth import Change
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Differs, Less
from weft.linter.facts.events import Cause, Loop

__all__ = ["explain"]

_WHY: dict[Cause, str] = {
    "answer": "whether it goes on is up to what agents say",
    "budget": "only the budget ends it, which may have no limit, and an agent that fails may cost nothing",
    "reset": "what it counts begins anew whenever something is found",
    "endless": "it walks something that has no end",
    "exitless": "nothing in it ends it",
    "misses": "a path goes round without advancing its counter",
    "stalls": "it waits for something to grow, and a round may add nothing",
    "worklist": "it adds what agents return to the list that it works off",
}
_FIX = "use until_dry, until_target or while_budget with max_rounds=N, or add a counter to the condition"


def explain(loop: Loop, changes: Iterable[Change], limits: Iterable[Less | Differs]) -> None:
    """Note on a loop why there is no proof that it ends."""
    loop.cause = _cause(loop, [*_deciding(changes, limits)])
    line = getattr(loop.node, "lineno", 0)
    header = ast.unparse(loop.header) if loop.header is not None else "the loop"
    loop.reason = Reason(
        line, f"the loop at line {line} has no proved end: {_WHY[loop.cause]}", _FIX, "loop", f"rounds({header})"
    )


def _cause(loop: Loop, deciding: list[Change]) -> Cause:
    lengths = [change for change in deciding if change.floor]
    if any(change.peak.reasons or change.most_gain != ZERO for change in lengths if _shrinks(change)):
        return "worklist"
    if lengths and not any(_shrinks(change) for change in lengths):
        return "stalls"
    if any(change.resets for change in deciding):
        return "reset"
    if any(change.idles for change in deciding):
        return "misses"
    if deciding and about(loop.exits, "answer") and all(change.most_gain.reasons for change in deciding):
        return "stalls"
    if loop.kind == "for":
        return "endless"
    if about(loop.exits, "budget"):
        return "budget"
    return "answer" if loop.exits else "exitless"


def _shrinks(change: Change) -> bool:
    """Tell whether some path takes something away."""
    return any((low - high_of(change)).constant in range(-10_000, 0) for low, _ in change.afters if low is not None)


def high_of(change: Change) -> Amount:
    """Return the symbol of a change as a bound."""
    from weft.linter.facts.domain.amounts import of

    return of(change.symbol)


def _deciding(changes: Iterable[Change], limits: Iterable[Less | Differs]) -> Iterable[Change]:
    """Yield the changing numbers that a condition of the loop is about."""
    symbols = {symbol for fact in limits for bound in _sides(fact) for symbol in bound.symbols()}
    return [change for change in changes if change.symbol in symbols]


def _sides(fact: Less | Differs) -> tuple[Amount, Amount]:
    return (fact.small, fact.large) if isinstance(fact, Less) else (fact.one, fact.other)
