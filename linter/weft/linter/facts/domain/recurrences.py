"""How a number that a loop carries changes from round to round, and what it comes to: recurrences and their solution.

Which numbers a loop carries, and what a round makes of them, is found out next door, in `growth`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, Symbol, at_least, endless, maximum, minimum, number, of
from weft.linter.facts.domain.counts import ceiling
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.ranking import Path, grows_with, shares
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.refit import Ends
from weft.linter.facts.domain.sums import never_negative, summed

__all__ = ["Change", "lessened", "solved"]

_LONGEST = 64
"""How many rounds are worked out one by one."""


_LARGEST = 10**9

_SETTLES = 6
"""In how many steps it must be found what a number never falls below."""


_UNKNOWN = endless(Reason(0, "how small a number gets is not known", "count up to a limit", "unknown"))


@dataclass(slots=True, eq=False)
class Change:
    """One number that changes from round to round."""

    symbol: Symbol
    start: Interval
    floor: bool
    """It is a length, which never falls below nothing."""
    afters: list[tuple[Amount | None, Amount]] = field(default_factory=list)
    """What a round makes of it on each path: the least and the most."""
    cap: Amount | None = None
    """What it is at most in any round, and after the last: a condition stops it before it can grow further."""

    @property
    def least_gain(self) -> int | None:
        """By how much it grows at least in a round; `None` where nothing is known."""
        own = of(self.symbol)
        gains = [None if low is None or low.reasons else (low - own).constant for low, _ in self.afters]
        known = [gain for gain in gains if gain is not None]
        return min(known) if known and len(known) == len(gains) else None

    @property
    def most_gain(self) -> Amount:
        """By how much it grows at most in a round, on the paths where it grows at all."""
        gains = [high - of(self.symbol) for _, high in self.afters if not high.reasons]
        growing = [never_negative(gain) for gain in gains if self.symbol not in gain.symbols()]
        return maximum(*growing) if growing else ZERO

    @property
    def falls(self) -> int | None:
        """By how much it falls at least in a round; `None` where it may not fall."""
        gains = [None if high.reasons else (high - of(self.symbol)).constant for _, high in self.afters]
        known = [-gain for gain in gains if gain is not None and gain < 0]
        return min(known) if known and len(known) == len(gains) else None

    def fallen(self, rounds: Amount) -> Amount:
        """What is left of it at most after so many rounds, each of which makes it smaller."""
        return never_negative(self.start.high - number(self.falls or 0) * rounds)

    @property
    def bends(self) -> bool:
        """Whether some path makes of it what is not so much more or less than it was."""
        return bool(self._others())

    def _others(self) -> list[Amount]:
        return [high for _, high in self.afters if self.symbol in (high - of(self.symbol)).symbols() or high.reasons]

    @property
    def peak(self) -> Amount:
        """What it is at most before it grows: at the start, and on the paths that give it another value."""
        return maximum(self.start.high, *(_most_of(high, self.symbol) for high in self._others()))

    @property
    def share(self) -> tuple[Fraction, Fraction] | None:
        """What a round leaves of it at most: such a share of what it was, and so much more; `None` where it is more."""
        known = [shares(high, self.symbol) for _, high in self.afters]
        found = [pair for pairs in known for pair in pairs or ()]
        if not found or None in known:
            return None
        return max(share for share, _ in found), max(Fraction(0), *(more for _, more in found))

    def series(self, rounds: int) -> list[int]:
        """Return what it is at most when each round begins and after the last; empty where that is not known."""
        start = self.start.high.constant
        if start is None or not 0 < rounds <= _LONGEST:
            return []
        found = [start]
        for _ in range(rounds):
            ends = [high for _, high in self.afters if grows_with(high, self.symbol)]
            after = [high.substitute({self.symbol: number(found[-1])}).constant for high in ends]
            known = [value for value in after if value is not None]
            if not known or len(known) != len(self.afters) or max(known) > _LARGEST:
                return []
            found.append(max(known))
        return found

    @property
    def trough(self) -> Amount | None:
        """What it is at least, where a round makes it no smaller than that if it was no smaller; `None` elsewhere."""
        lowest = self.start.low
        for _ in range(_SETTLES):
            ends = [
                None if low is None else low.within({self.symbol: lowest}, {self.symbol: lowest})
                for low in self._lows()
            ]
            if lowest.reasons or None in ends:
                return None
            smaller = [end for end in ends if end is not None and not at_least(end, lowest)]
            if not smaller:
                return lowest
            lowest = minimum(lowest, *smaller)
        return None

    def _lows(self) -> list[Amount | None]:
        return [None if low is None or low.reasons else low for low, _ in self.afters]

    @property
    def resets(self) -> bool:
        """Whether some path sets it back to a fixed number."""
        return any(high.constant is not None for _, high in self.afters)


def lessened(paths: Iterable[Path], changes: Iterable[Change]) -> list[Path]:
    """Return what ways through a round make of numbers, where what they take off one is as small as it can be."""
    least = {change.symbol: low for change in changes if (low := change.trough) is not None and at_least(low, ONE)}
    own = {symbol: of(symbol) for symbol in least}
    ends: list[Path] = [
        {one: (low, high if one in least else high.within(own, least)) for one, (low, high) in path.items()}
        for path in paths
    ]
    return ends if least else []


def _most_of(amount: Amount, symbol: Symbol) -> Amount:
    """Return what an amount is at most where it is larger than a number that it is calculated from."""
    if pairs := shares(amount, symbol):
        return maximum(*(number(floor(more / (1 - share))) for share, more in pairs))
    return amount.substitute({symbol: symbol.most})


def solved(changes: Iterable[Change], rounds: Interval, index: Symbol) -> tuple[Ends, Ends]:
    """Return what each symbol is in the round with this index, and what it is after the loop."""
    during, after, ever = Ends(), Ends(), Ends()
    waiting = list(changes)
    while waiting:
        ready = [change for change in waiting if not _others(change) & {other.symbol for other in waiting}]
        if not ready and _solve_together(waiting, rounds, index, (during, after, ever)):
            break
        for change in ready or waiting:
            _solve(change, rounds, index, (during, after, ever), settled=bool(ready))
            for ends in (during, after, ever):
                if change.cap is not None and ends.high[change.symbol].reasons:
                    ends.high[change.symbol] = change.cap
        waiting = [change for change in waiting if change not in ready] if ready else []
    return during, after


def _others(change: Change) -> frozenset[Symbol]:
    return (change.most_gain.symbols() | change.peak.symbols()) - {change.symbol}


def _solve_together(changes: list[Change], rounds: Interval, index: Symbol, found: tuple[Ends, Ends, Ends]) -> bool:
    """Find the ends of numbers each of which may become another one of them; tell whether that is all they become."""
    during, after, ever = found
    symbols, values, gains = {change.symbol for change in changes}, [change.start.high for change in changes], [ZERO]
    for high in (high for change in changes for _, high in change.afters):
        known = [one for one in symbols & high.symbols() if not (high - of(one)).symbols() & symbols]
        if high.reasons or (symbols & high.symbols() and not known):
            return False
        (gains if known else values).append(high - of(known[0]) if known else high)
    low = {one: _UNKNOWN if end is None else end for one, end in ever.low.items()}
    gain = maximum(*gains).within(ever.high, low)
    first = maximum(*values).within(ever.high, low)
    for change in changes:
        _bottom(change, rounds, index, found)
        grown = after.high[change.symbol] = ever.high[change.symbol] = first + summed(gain, rounds.high, index.owner)
        during.high[change.symbol] = grown if gain.constant is None else first + gain * of(index)
    return True


def _solve(change: Change, rounds: Interval, index: Symbol, found: tuple[Ends, Ends, Ends], *, settled: bool) -> None:
    """Find the ends of a symbol in the round with this index, after the loop, and whenever another one rests on it."""
    (during, after, ever), symbol = found, change.symbol
    _bottom(change, rounds, index, found)
    low = {one: _UNKNOWN if end is None else end for one, end in ever.low.items()}
    gain, begun = change.most_gain.within(ever.high, low), change.peak
    peak = begun.within(ever.high, low)
    series = change.series(rounds.high.constant or 0)
    if series and change.bends:
        after.high[symbol] = ever.high[symbol] = number(max(series))
        in_round = Symbol("series", most=number(max(series[:-1])), total=number(sum(series[:-1])), owner=index.owner)
        during.high[symbol] = of(in_round)
        return
    grown = ever.high[symbol] = peak + summed(gain, rounds.high, index.owner) if settled else symbol.most
    steady = settled and gain.constant is not None and not begun.reasons
    after.high[symbol] = grown if not (settled and change.falls) else change.fallen(rounds.low)
    during.high[symbol] = peak + gain * of(index) if steady else grown
    share = change.share
    if share is not None and change.floor and not peak.reasons and not rounds.high.reasons:
        total = _added_up(change.start.high, *share, rounds.high)
        during.high[symbol] = of(Symbol("share", most=peak, total=total, owner=index.owner))


def _added_up(start: Amount, share: Fraction, more: Fraction, rounds: Amount) -> Amount:
    """Return what a number adds up to of which each round leaves such a share, and so much more."""
    whole = number((more / (1 - share)).denominator * (1 / (1 - share)).denominator)
    first, each = (1 / (1 - share)) * (whole.constant or 1), (more / (1 - share)) * (whole.constant or 1)
    return ceiling(start * number(int(first)) + rounds * number(int(each)), whole.constant or 1)


def _bottom(change: Change, rounds: Interval, index: Symbol, found: tuple[Ends, Ends, Ends]) -> None:
    (during, after, ever), symbol, start = found, change.symbol, change.start
    least = change.least_gain
    if least is None or start.low.reasons:
        lowest = ZERO if change.floor else change.trough
        during.low[symbol] = after.low[symbol] = ever.low[symbol] = lowest
        return
    falls = start.low + number(least) * rounds.high
    fallen = ZERO if change.floor else None if falls.reasons else falls
    during.low[symbol] = start.low + number(least) * of(index)
    after.low[symbol] = start.low + number(least) * rounds.low if least >= 0 else fallen
    ever.low[symbol] = start.low if least >= 0 else fallen
