"""Why no number of rounds is proved for a loop: the reason that its author can do something about."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from weft.linter.effort import unparsed, walk
from weft.linter.facts.domain.amounts import ZERO, Amount, at_least, of
from weft.linter.facts.domain.growth import Change
from weft.linter.facts.domain.intervals import Differs, Less
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.events import Cause, Loop

__all__ = ["explain"]

_WHY: dict[Cause, str] = {
    "answer": "agents decide whether another round begins",
    "budget": "only the budget ends it, which may have no limit, and an agent that fails may cost nothing",
    "reset": "its counter is set back in some rounds",
    "endless": "it walks something that has no end",
    "exitless": "nothing in it ends it",
    "misses": "a round can pass without advancing its counter",
    "stalls": "it waits for something to grow, and a round may add nothing",
    "worklist": "it adds what agents return to the list that it consumes",
}
_FIX = "use until_dry, until_target or while_budget with max_rounds=N, or add a counter to the condition"


def explain(loop: Loop, changes: Iterable[Change], limits: Iterable[Less | Differs], *, grows: bool = False) -> None:
    """Note on a loop why there is no proof that it ends; `grows`: a round adds to the list that it walks."""
    loop.cause = "worklist" if grows else _cause(loop, [*changes], [*limits])
    line = getattr(loop.node, "lineno", 0)
    header = unparsed(loop.header) if loop.header is not None else "the loop"
    loop.reason = Reason(
        line, f"the loop at line {line} has no proved end: {_WHY[loop.cause]}", _FIX, "loop", f"rounds({header})"
    )


def _cause(loop: Loop, changes: list[Change], limits: list[Less | Differs]) -> Cause:
    drained, awaited = _deciding(changes, limits, _above), _deciding(changes, limits, _below)
    if any(change.floor and _refilled(change) for change in drained):
        return "worklist"
    if _totals(loop) or any(change.floor or not _steps(change) for change in awaited if not change.resets):
        return "stalls"
    if any(change.resets for change in (*drained, *awaited)):
        return "reset"
    if any(_idles(change) for change in (*drained, *awaited)):
        return "misses"
    if loop.kind == "for":
        return "endless"
    if about(loop.exits, "budget"):
        return "budget"
    if not drained and not awaited and not about(loop.exits, "answer") and _counts(loop.header):
        return "misses"
    return "answer" if loop.exits else "exitless"


def _deciding(
    changes: list[Change], limits: list[Less | Differs], side: Callable[[Less | Differs], Amount]
) -> list[Change]:
    """Return the changing numbers on one side of what must hold for another round."""
    symbols = {symbol for fact in limits for symbol in side(fact).symbols()}
    return [change for change in changes if change.symbol in symbols]


def _above(fact: Less | Differs) -> Amount:
    """Return what must stay above something: a list that has to become empty, a number that counts down."""
    return fact.large if isinstance(fact, Less) else fact.one if fact.other == ZERO else ZERO


def _below(fact: Less | Differs) -> Amount:
    """Return what must reach something."""
    return fact.small if isinstance(fact, Less) else fact.one if fact.other != ZERO else ZERO


def _refilled(change: Change) -> bool:
    """Tell whether a round may leave more in a list than there was."""
    return any(not at_least(of(change.symbol), high) for _, high in change.afters)


def _steps(change: Change) -> bool:
    """Tell whether a number moves by fixed steps, as a counter does, on the paths where it moves."""
    own = of(change.symbol)
    return all((high - own).constant in (0, 1) or low == high for low, high in change.afters)


def _idles(change: Change) -> bool:
    """Tell whether a round may leave a number as it is."""
    own = of(change.symbol)
    moves = [None if low is None else (low - own).constant for low, _ in change.afters]
    return 0 in moves or any((high - own).constant == 0 for _, high in change.afters)


def _totals(loop: Loop) -> bool:
    """Tell whether a condition waits for a total to which rounds add what agents give."""
    match loop.header:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Lt() | ast.LtE()]) if about(loop.exits, "answer"):
            sums = (node for node in walk(loop.node) if isinstance(node, ast.AugAssign))
            added = [node.value for node in sums if unparsed(node.target) == name and isinstance(node.op, ast.Add)]
            return any(not isinstance(value, ast.Constant) for value in added)
    return False


def _counts(header: ast.expr | None) -> bool:
    """Tell whether a condition compares a variable with a number, as one on a counter does."""
    match header:
        case ast.Compare(left=ast.Name(), ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], comparators=[limit]):
            return isinstance(limit, ast.Constant)
    return False
