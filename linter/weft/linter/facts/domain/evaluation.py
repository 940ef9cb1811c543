"""What an amount comes to: with arguments that are known or replaced, or at most and at least with any."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import (
    ZERO,
    Amount,
    Atom,
    Ceiling,
    Choose,
    Extreme,
    Symbol,
    Tree,
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

MOST_TRIED = 1_000
"""How many numbers are tried of a count, to find where a formula over it has its peak."""

EACH_STEP = 50

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
    if any(count < 0 and atoms for atoms, count in amount.terms) and (peak := _peak(amount)) is not None:
        return peak
    grown = [(atoms, count) for atoms, count in amount.terms if count > 0 or not atoms]
    return total((count, [_supremum(atom) for atom in atoms]) for atoms, count in grown)


def _peak(amount: Amount) -> float | None:
    """Return the most of what rises and falls with one count alone, such as the pairs of a list: each is tried."""
    counts = _counts(amount)
    most = _supremum(next(iter(counts)))
    if len(counts) > 1 or most > MOST_TRIED:
        return None
    spend(1 + int(most) // EACH_STEP)
    return max(_at(amount, size) for size in range(int(most) + 1))


def _counts(amount: Amount) -> set[Atom]:
    """Return what it rests on, inside what is reckoned from that too."""
    atoms = {atom for atoms, _ in amount.terms for atom in atoms}
    inner = [_counts(atom.of) if isinstance(atom, Ceiling | Choose | Tree) else {atom} for atom in atoms]
    return set().union(*inner)


def _at(amount: Amount, size: int) -> float:
    """Return what it is where the one count that it rests on is so large."""
    return total((count, [_atom_at(atom, size) for atom in atoms]) for atoms, count in amount.terms)


def _atom_at(atom: Atom, size: int) -> float:
    return reckoned(atom, int(_at(atom.of, size))) if isinstance(atom, Ceiling | Choose | Tree) else size


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
