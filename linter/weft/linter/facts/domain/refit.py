"""Replacing the symbols of a loop in values, once it is known what they come to."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from functools import partial

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import ZERO, Amount, Symbol, endless, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.contained import mapped, symbols_in
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.values import Dict, Listing, Number, Seen, Text, Value
from weft.linter.record import replace

__all__ = ["Ends", "rebased"]


_UNKNOWN = endless(Reason(0, "how small a number is is not known", "limit it with max(0, …)", "unknown"))


def rebased(value: Value, owner: object, change: Callable[[Symbol], Amount | None]) -> Value:
    """Return a value in which symbols of one owner are replaced, where `change` gives something for them."""
    found = {symbol: change(symbol) for symbol in symbols_in(value) if symbol.owner is owner}
    known = {symbol: bound for symbol, bound in found.items() if bound is not None}
    return Ends(dict(known), known).fit(value) if known else value


def _handed_on(owner: object, symbol: Symbol) -> Amount | None:
    """Return the symbol as one of a list that keeps what each round gave it: it adds up over the list as it did."""
    return None if symbol.total is None else of(replace(symbol, owner=owner))


@dataclass(slots=True, eq=False)
class Ends:
    """What each symbol of a loop is at least and at most, at one point of the loop or after it."""

    low: dict[Symbol, Amount | None] = field(default_factory=dict)
    """`None` where nothing is known."""
    high: dict[Symbol, Amount] = field(default_factory=dict)
    over: object = None
    """The loop, when it is over: what differed from round to round then is what it can be at most, or nothing."""
    adding: Set[Birth] = frozenset()
    """The lists and dicts whose elements or keys keep what differed from round to round, one from each round."""
    _known: dict[int, tuple[Value, Value]] = field(default_factory=dict)

    def highest(self, bound: Amount) -> Amount:
        """Return an upper end: what is subtracted is as small as it can be."""
        return self._replaced(
            bound, self._most, lambda symbol: _UNKNOWN if (low := self._least(symbol)) is None else low
        )

    def lowest(self, bound: Amount) -> Amount | None:
        """Return a lower end; `None` where nothing is known."""
        grows = [symbol for atoms, times in bound.terms if times > 0 for symbol in Amount(((atoms, 1),)).symbols()]
        if any(self._least(symbol) is None for symbol in grows):
            return None
        found = self._replaced(bound, lambda symbol: self._least(symbol) or ZERO, self._most)
        return None if found.reasons else found

    def fit(self, value: Value) -> Value:
        """Return a value in which the symbols are replaced."""
        if not any(map(self._known_of, symbols_in(value))):
            return value
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = (self._fit(value), value)
        return known[0]

    def interval(self, interval: Interval) -> Interval:
        """Return an interval in which the symbols are replaced."""
        if not interval.low.symbols() and not interval.high.symbols():
            return interval
        return Interval(self.lowest(interval.low) or ZERO, self.highest(interval.high))

    def fit_all(self, state: State) -> None:
        """Replace the symbols in all values of a state."""
        spend(1 + len(state.cells) // 2)
        state.cells = {cell: self.fit(value) for cell, value in state.cells.items()}

    def _most(self, symbol: Symbol) -> Amount:
        if symbol in self.high:
            return self.high[symbol]
        return symbol.most if self._gone(symbol) else of(symbol)

    def _least(self, symbol: Symbol) -> Amount | None:
        if symbol in self.low:
            return self.low[symbol]
        return ZERO if self._gone(symbol) else of(symbol)

    def _known_of(self, symbol: Symbol) -> bool:
        return symbol in self.high or symbol in self.low or self._gone(symbol)

    def _gone(self, symbol: Symbol) -> bool:
        return self.over is not None and symbol.owner is self.over

    def _replaced(
        self, bound: Amount, grown: Callable[[Symbol], Amount], lessened: Callable[[Symbol], Amount]
    ) -> Amount:
        symbols = [symbol for symbol in bound.symbols() if symbol in self.high or self._gone(symbol)]
        if not symbols:
            return bound
        return bound.within(
            {symbol: grown(symbol) for symbol in symbols}, {symbol: lessened(symbol) for symbol in symbols}
        )

    def _fit(self, value: Value) -> Value:
        match value:
            case Number(low=low, high=high):
                low, high = None if low is None else self.lowest(low), self.highest(high)
                same = (low, high) == (value.low, value.high)
                return value if same else replace(value, low=low, high=high, root=None, when=None)
            case Seen(size=size):
                new = self.interval(size)
                return value if new == size else replace(value, size=new, root=None)
            case Text(tokens=tokens):
                most = self.highest(tokens)
                return value if most == tokens else replace(value, tokens=most, root=None, when=None)
        if not isinstance(value, (Listing, Dict)):
            return value
        keeps = self.over is not None and value.birth in self.adding
        each = partial(self._handed_on, value.birth) if keeps else self.fit
        if isinstance(value, Listing):
            fitted = mapped(value, each, size=self.interval)
        else:
            fitted = mapped(value, self.fit, keys=each, size=self.interval)
        return fitted if fitted is value else replace(fitted, root=None, when=None)

    def _handed_on(self, owner: Birth, value: Value) -> Value:
        return self.fit(rebased(value, self.over, partial(_handed_on, owner)))
