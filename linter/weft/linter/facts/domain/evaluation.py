"""What an amount comes to: with arguments that are known or replaced, or at most and at least with any."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from weft.linter.facts.domain.amounts import (
    ZERO,
    Amount,
    Atom,
    Extreme,
    Symbol,
    evaluated,
    is_count,
    maximum,
    minimum,
    number,
    of,
    reckoned,
    times_all,
    within_atom,
)
from weft.linter.facts.domain.floats import total
from weft.linter.facts.domain.parameters import Parameter

__all__ = ["given", "infimum", "supremum", "value"]


def value(amount: Amount, read: Callable[[Parameter], int]) -> float:
    """Return the number that it is when `read` tells the parameters; infinity when it is endless."""
    if amount.reasons:
        return inf
    return total((count, [_value(atom, read) for atom in atoms]) for atoms, count in amount.terms)


def supremum(amount: Amount) -> float:
    """Return the most that it is under any arguments: often a number, also where the exact value is a formula."""
    if amount.reasons:
        return inf
    if any(count < 0 and not all(map(is_count, atoms)) for atoms, count in amount.terms):
        return inf
    grown = [(atoms, count) for atoms, count in amount.terms if count > 0 or not atoms]
    return total((count, [_supremum(atom) for atom in atoms]) for atoms, count in grown)


def infimum(amount: Amount) -> float:
    """Return the least that it is under any arguments, or something less."""
    return value(amount, lambda _: 0) if _rises(amount) else -supremum(amount * number(-1))


def given(amount: Amount, change: Callable[[Parameter], Amount]) -> Amount:
    """Return it with parameters replaced, as an upper end if those are, or else as a lower one."""
    if amount.reasons or not amount.parameters():
        return amount
    return sum(
        (times_all(count, [_with_parameters(atom, change) for atom in atoms]) for atoms, count in amount.terms), ZERO
    )


def _rises(amount: Amount) -> bool:
    """Tell whether it nowhere becomes less when a parameter becomes larger."""
    return all(not atoms or count > 0 for atoms, count in amount.terms) and all(
        _rises(inner) for atoms, _ in amount.terms for atom in atoms for inner in within_atom(atom)
    )


def _value(atom: Atom, read: Callable[[Parameter], int]) -> float:
    match atom:
        case Parameter():
            return read(atom)
        case Symbol():
            return value(atom.most, read)
        case Extreme():
            return (max if atom.largest else min)(value(amount, read) for amount in atom.among)
    size = value(atom.of, read)
    return size if size == inf else reckoned(atom, int(size))


def _supremum(atom: Atom) -> float:
    match atom:
        case Parameter():
            return inf
        case Symbol():
            return supremum(atom.most)
        case Extreme():
            return (max if atom.largest else min)(supremum(amount) for amount in atom.among)
    size = supremum(atom.of)
    return size if size == inf else reckoned(atom, int(size))


def _with_parameters(atom: Atom, change: Callable[[Parameter], Amount]) -> Amount:
    match atom:
        case Symbol():
            return of(atom)
        case Parameter():
            return change(atom)
        case Extreme(largest=largest, among=among):
            return (maximum if largest else minimum)(*(given(inner, change) for inner in among))
    return evaluated(atom, given(atom.of, change))
