"""What amounts add up to over the rounds of a loop, and differences that count something."""

from __future__ import annotations

from weft.linter.facts.domain.amounts import (
    ZERO,
    Amount,
    Atom,
    Ceiling,
    Extreme,
    Product,
    Symbol,
    at_least,
    maximum,
    minimum,
    number,
    of,
)
from weft.linter.facts.domain.counts import ceiling, choose

__all__ = ["minus", "never_negative", "owned", "summed"]


def never_negative(amount: Amount) -> Amount:
    """Return a difference that counts something: nothing where it would be less than that.

    A symbol without a limit stands for a number that is only looked at to see how it changes; it is left as it is.
    """
    symbols = amount.symbols()
    if amount.reasons or any(symbol.most.reasons for symbol in symbols):
        return amount
    lowest = amount.within(dict.fromkeys(symbols, ZERO), {symbol: symbol.most for symbol in symbols})
    return amount if at_least(lowest, ZERO) else maximum(ZERO, amount)


def owned(amount: Amount, owner: object) -> frozenset[Symbol]:
    """Return the symbols in it that differ from round to round of this loop."""
    return frozenset(symbol for symbol in amount.symbols() if symbol.owner is owner)


def summed(amount: Amount, times: Amount, owner: object) -> Amount:
    """Return what `amount` adds up to over so many rounds of a loop."""
    symbols = owned(amount, owner)
    if amount.reasons or not symbols:
        return times * amount
    return sum((_summed_term(term, times, owner) for term in amount.terms), ZERO)


def _summed_term(term: tuple[Product, int], times: Amount, owner: object) -> Amount:
    atoms, count = term
    symbols = owned(Amount((term,)), owner)
    varying = [atom for atom in atoms if of(atom).symbols() & symbols]
    constant = Amount(((tuple(atom for atom in atoms if atom not in varying), count),))
    if not varying:
        return times * constant
    total = _total(varying[0], times, owner) if len(varying) == 1 else None
    if total is not None and (count > 0 or _counts(varying[0])):
        return total * constant
    most = {symbol: symbol.most for symbol in symbols}
    return times * Amount(((atoms, count),)).within(most, dict.fromkeys(symbols, ZERO))


def _counts(atom: Atom) -> bool:
    """Tell whether an atom counts the rounds: then it adds up to so much for so many rounds, and not to less."""
    return isinstance(atom, Symbol) and atom.name == "index"


def _total(atom: Atom, times: Amount, owner: object) -> Amount | None:
    """Return what an atom adds up to, where that is known to be less than rounds times the most that it is."""
    match atom:
        case Symbol() if _counts(atom):
            return choose(times, 2)
        case Symbol(total=total):
            return total
        case Ceiling(of=inner, by=by) if all(symbol.total is not None for symbol in owned(inner, owner)):
            return ceiling(summed(inner, times, owner) + number(by - 1) * times, by)
        case Extreme(largest=False, among=among):
            known = [one for one in among if all(symbol.total is not None for symbol in owned(one, owner))]
            return minimum(*(summed(one, times, owner) for one in known)) if known else None
    return None


def minus(a: Amount, b: Amount) -> Amount:
    """Return a length less some: never below nothing, where that can be seen."""
    return a if a.reasons else never_negative(a - b)
