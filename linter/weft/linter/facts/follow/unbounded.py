"""Why no number of rounds is proved for a loop: the reason that its author can do something about."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from weft.linter.effort import unparsed, walk
from weft.linter.facts.domain.amounts import ZERO, Amount, Symbol, at_least, number, of
from weft.linter.facts.domain.intervals import Differs, Less
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.ranking import Path
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.recurrences import Change
from weft.linter.facts.repeating import Cause, Loop

__all__ = ["explain", "paces", "worked_off"]

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
    known, conditions = [*changes], [*limits]
    loop.cause = "worklist" if grows else _cause(loop, known, conditions)
    refilled = [change for change in _deciding(known, conditions, 1) if change.floor and _refilled(change)]
    shrinks = bool(refilled) and all(map(_shrinks_when_long, refilled))
    loop.doubtful = loop.cause == "worklist" and (shrinks or bool(_deciding(known, conditions, -1)))
    line = getattr(loop.node, "lineno", 0)
    header = unparsed(loop.header) if loop.header is not None else "the loop"
    loop.reason = Reason(
        line, f"the loop at line {line} has no proved end: {_WHY[loop.cause]}", _FIX, "loop", f"rounds({header})"
    )


def worked_off(changes: Iterable[Change], limits: Iterable[Less | Differs]) -> frozenset[Symbol]:
    """Return the lengths of which a condition wants that they come down to nothing."""
    return frozenset(change.symbol for change in _deciding([*changes], [*limits], 1) if change.floor)


def paces(changes: Iterable[Change], limits: Iterable[Less | Differs], paths: Iterable[Path]) -> frozenset[Symbol]:
    """Return the numbers that a condition waits for, if some of them may grow wherever a list is not worked off."""
    known, conditions = [*changes], [*limits]
    drained, awaited = (
        [change.symbol for change in _deciding(known, conditions, sign) if change.floor] for sign in (1, -1)
    )

    def goes_on(path: Path) -> bool:
        falls = (((path[one][1] - of(one)).constant or 0) < 0 for one in drained if one in path)
        return any(falls) or any(not at_least(of(one), path[one][1]) for one in awaited if one in path)

    return frozenset(awaited) if awaited and all(map(goes_on, paths)) else frozenset()


def _cause(loop: Loop, changes: list[Change], limits: list[Less | Differs]) -> Cause:
    drained, awaited = (_deciding(changes, limits, sign) for sign in (1, -1))
    if any(change.floor and _refilled(change) for change in drained):
        return "worklist"
    if _totals(loop) or any(change.floor or not _steps(change) for change in awaited if not change.resets):
        return "stalls"
    if any(change.resets for change in (*drained, *awaited)):
        return "reset"
    if any(change.floor and _idles(change) for change in drained) and about(loop.exits, "answer"):
        return "answer"
    if any(_idles(change) for change in (*drained, *awaited)):
        return "misses"
    if loop.kind == "for":
        return "endless"
    if about(loop.exits, "budget"):
        return "budget"
    if not drained and not awaited and not about(loop.exits, "answer") and _counts(loop.header):
        return "misses"
    return "answer" if loop.exits else "exitless"


def _deciding(changes: list[Change], limits: list[Less | Differs], sign: int) -> list[Change]:
    """Return the numbers of which a condition wants that they fall (1), or that they grow (-1), until it ends the loop.

    A number that each round calculates anew stands for those that it is calculated from.
    """
    by_symbol = {change.symbol: change for change in changes}
    waiting = [pair for fact in limits for pair in _signed(_distance(fact))]
    met: set[tuple[Symbol, int]] = set()
    found: list[Change] = []
    while waiting:
        symbol, way = waiting.pop()
        change = by_symbol.get(symbol)
        if change is None or (symbol, way) in met:
            continue
        met.add((symbol, way))
        inside = [(other, way * one) for _, high in change.afters for other, one in _signed(high)]
        others = [pair for pair in inside if pair[0] in by_symbol]
        if others and all(other is not symbol for other, _ in others):
            waiting += others
        elif way == sign:
            found.append(change)
    return found


def _distance(fact: Less | Differs) -> Amount:
    """Return what must come down to 0 for the loop to end."""
    if isinstance(fact, Less):
        return fact.large - fact.small
    return fact.one if fact.other == ZERO else fact.other - fact.one


def _signed(amount: Amount) -> Iterator[tuple[Symbol, int]]:
    """Yield the symbols in it, and whether it grows (1) or falls (-1) with each."""
    for atoms, times in amount.terms:
        for symbol in Amount(((atoms, 1),)).symbols():
            yield symbol, 1 if times > 0 else -1


def _refilled(change: Change) -> bool:
    """Tell whether a round may leave more in a list than there was."""
    return any(not at_least(of(change.symbol), high) for _, high in change.afters)


def _shrinks_when_long(change: Change) -> bool:
    """Tell whether a round leaves less of a long list than there was, as one does that keeps every second entry."""
    left = [high.substitute({change.symbol: number(_LONG)}).constant for _, high in change.afters]
    return all(size is not None and size < _LONG for size in left)


_LONG = 1_000


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
