"""What a loop carries from round to round: which numbers and lengths change, by how much, and what that proves.

Each changing number gets a symbol before a trial round; what the round makes of the symbol says how it grows. Whether a
condition on it ends the loop is decided next door, in `ranking`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product

from weft.linter.facts.domain.amounts import (
    ONE,
    ZERO,
    Amount,
    Symbol,
    alternatives,
    at_least,
    endless,
    maximum,
    minimum,
    of,
)
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Differs, Interval, Less
from weft.linter.facts.domain.joins import Join, count, element, joined
from weft.linter.facts.domain.lost import lost, settled, with_anything
from weft.linter.facts.domain.ranking import Path, grows_with
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.recurrences import Change
from weft.linter.facts.domain.sizes import characters
from weft.linter.facts.domain.state import Cell, State
from weft.linter.facts.domain.ties import Tie
from weft.linter.facts.domain.values import Dict, Listing, Number, Part, Seen, Text, Value, named
from weft.linter.record import replace

__all__ = ["Carried"]


_PATIENCE = 8
"""In how many trial rounds a value must have settled."""

_GROWS = Reason(0, "it grows with itself", "cut it to a fixed length in each round", "unknown")


class Carried:
    """What a loop carries, made general: the values with which a round begins, whichever round it is."""

    def __init__(self, owner: object) -> None:
        self.owner = owner
        self.values: dict[Cell, Value] = {}
        self.changes: dict[Symbol, Change] = {}
        self.paths: list[Path] = []
        """What each way through the last round has made of the symbols."""
        self.adding: set[Birth] = set()
        """The lists and dicts that get one more element or key in a round, or none: what differs from round to round
        differs from element to element, or from key to key, and adds up over them as it does over the rounds."""
        self.ties = frozenset[Tie]()
        """What the variables tell of each other whenever a round begins."""
        self._known: dict[tuple[int, int], tuple[Value, Value, Value]] = {}
        self._join = Join()
        self._widened = 0
        self.originals: dict[Cell, Value] = {}
        """Arguments of the run that a round changes, as they were given."""
        self._lost: set[Cell] = set()

    def add(self, cell: Cell, before: Value, after: Value) -> None:
        """Make a value general that one round has changed."""
        self.values[cell] = self._general(before, after)

    def join(self, before: State, backs: list[State], changed: Iterable[Cell]) -> None:
        """Take the values with which a round begins for those of the first round and the second."""
        for cell in changed:
            known = (one for state in backs for one in (state.originals, state.cells) if cell in one)
            begun = before.current(before.cells[cell]) if cell in before.cells else next(known)[cell]
            ends = (state.current(state.cells[cell]) for state in backs if cell in state.cells)
            self.values[cell] = joined([begun, *ends])

    def widen(self, backs: Iterable[State]) -> bool:
        """Take in what another trial round has made of the values; tell whether any is more general than before.

        A value that does not settle in a few rounds is given up: it may be of any size then.
        """
        self._widened += 1
        more = False
        for state in backs:
            for cell, head in self.values.items():
                after = state.cells.get(cell)
                if after is None or after is head:
                    continue
                wider = self._wider(head, state.current(after))
                if settled(head, wider) or (cell in self._lost and type(head) is type(wider)):
                    continue
                more = True
                if self._widened == _PATIENCE and _same_sizes(head, wider):
                    wider = with_anything(wider, _GROWS)
                elif self._widened >= _PATIENCE:
                    wider = anything(_GROWS.why, wider) if cell in self._lost else lost(wider, _GROWS)
                    self._lost.add(cell)
                self.values[cell] = wider
        return more

    def _wider(self, head: Value, after: Value) -> Value:
        if head is after:
            return head
        match head, after:
            case Number(), Number() if self._tracked(head.high) or settled(head, self._join(head, after)):
                return head
            case Seen(), Seen():
                return head
            case Listing(), Listing() if _aligned(head, after):
                return self._each(head, after, self._wider)
            case Listing(), Listing() if head.parts and self._tracked(head.parts[-1].count.high):
                *base, last = head.parts
                element = last.element
                for part in after.parts[len(base) :]:
                    element = self._wider(element, part.element)
                return replace(head, parts=(*base, replace(last, element=element)), marks=head.marks | after.marks)
            case Dict(), Dict():
                return self._wider_dict(head, after)
        return self._general(head, after)

    def _wider_dict(self, head: Dict, after: Dict) -> Value:
        join = self._join(head, after)
        if not isinstance(join, Dict):
            return join
        both = head.fields.keys() & after.fields.keys()
        known = {
            key: replace(join.fields[key], value=self._wider(head.fields[key].value, after.fields[key].value))
            for key in both
        }
        values = join.values
        if head.values is not None and after.values is not None:
            values = self._wider(head.values, after.values)
        rest = join.rest
        if self._tracked(head.rest.high):
            rest = head.rest
        elif head.rest != join.rest:  # a dict in this one, which was not there when it was made general
            symbol = self._symbol(head.rest, floor=True)
            rest = Interval(symbol, symbol)
        return replace(join, fields={**join.fields, **known}, values=values, rest=rest)

    def _tracked(self, bound: Amount) -> bool:
        return any(bound == of(symbol) for symbol in bound.symbols() & self.changes.keys())

    def adds_to(self, cell: Cell) -> bool | None:
        """Tell whether each round makes a list anew from all that it had and more; `None` for what is no such list.

        Until it is measured what rounds make of it, it may be so.
        """
        value = self.values.get(cell)
        if not isinstance(value, Listing) or not value.parts:
            return None
        changes = [self.changes[one] for one in value.parts[-1].count.high.symbols() if one in self.changes]
        gains = [change.least_gain for change in changes if change.afters]
        return all(gain is not None and gain >= 0 for gain in gains) if changes else None

    def conclude(self, head: State, backs: Iterable[State]) -> None:
        """Know what a round puts into lists and dicts from the last one that was followed, where it only adds."""
        ends = [*backs]
        for cell, value in self.values.items():
            begun, afters = head.cells[cell], [state.cells.get(cell) for state in ends]
            if isinstance(value, Listing) and isinstance(begun, Listing) and len(value.parts) == len(begun.parts):
                self.values[cell] = self._concluded(value, begun, [a for a in afters if isinstance(a, Listing)], afters)
            elif isinstance(value, Dict) and isinstance(begun, Dict) and afters:
                dicts = [after for after in afters if isinstance(after, Dict) and _adds_one_key(begun, after)]
                keys = [after.keys for after in dicts if after.keys is not None]
                if keys and len(keys) == len(afters):
                    self.values[cell] = replace(value, keys=joined(keys))
                    self.adding.add(value.birth)

    def _concluded(
        self, value: Listing, begun: Listing, lists: list[Listing], afters: Sequence[Value | None]
    ) -> Listing:
        size = len(begun.parts)
        longer = [after.parts[size:] for after in lists if after.parts[:size] == begun.parts]
        added = [part.element for parts in longer for part in parts]
        if not added or len(longer) != len(afters):
            return value
        if all(at_least(ONE, count(parts).high) for parts in longer):
            self.adding.add(value.birth)
        return replace(value, parts=(*value.parts[:-1], replace(value.parts[-1], element=joined(added))))

    def measure(self, backs: Iterable[State], entered: Iterable[Less | Differs] = ()) -> None:
        """Find out what a round has made of each symbol, on each path that begins another one.

        `entered` is what holds whenever a round begins.
        """
        for state in backs:
            path: dict[Symbol, tuple[Amount | None, Amount]] = {}
            for cell, head in self.values.items():
                after = state.cells.get(cell)
                for symbol, low, high in _compared(head, state.current(after)) if after is not None else ():
                    if symbol in self.changes:
                        self.changes[symbol].afters += [(low, one) for one in alternatives(high)]
                        path[symbol] = _either(path.get(symbol), low, high)
            self.paths.append(path)
        for change, fact in product(self.changes.values(), entered):
            if isinstance(fact, Less):
                self._stop(change, fact.large - fact.small + of(change.symbol) - ONE)

    def _stop(self, change: Change, most: Amount) -> None:
        """Take note that a round only begins when a number is no more than this."""
        symbol, foreign = change.symbol, self.changes.keys() - {change.symbol}
        ends = [high for _, high in change.afters]
        if most.reasons or symbol in most.symbols() or not all(grows_with(high, symbol) for high in ends):
            return
        most = maximum(change.start.high, *(high.substitute({symbol: most}) for high in ends))
        if not most.reasons and foreign.isdisjoint(most.symbols()):
            change.cap = most if change.cap is None else minimum(change.cap, most)

    def _general(self, before: Value, after: Value) -> Value:
        """Return a value as general as two are: the same wherever the same two meet."""
        key = (id(before), id(after))
        if key not in self._known:
            self._known[key] = (self._generalised(before, after), before, after)
        return self._known[key][0]

    def _generalised(self, before: Value, after: Value) -> Value:
        join = self._join(before, after)
        match before, after, join:
            case Number(), Number(), Number() if _countable(before) and (_countable(after) or _adds(before, after)):
                symbol = self._symbol(Interval(before.low or ZERO, before.high), floor=False)
                return replace(join, low=symbol, high=symbol)
            case Number(), Number(), Number():
                low = join.low if before.low == after.low else None
                return replace(join, low=low, high=join.high if join.high == before.high else endless(_GROWS))
            case Text(), Text(), Text():
                return replace(join, most=join.most if characters(before) == characters(after) else None)
            case Listing(), Listing(), Listing() if _aligned(before, after):
                return self._each(before, after, self._general)
            case Listing(), Listing(), Listing() if before.parts != after.parts:
                return replace(join, parts=self._parts(before.parts, after.parts))
            case Listing(parts=(one,)), Listing(), Listing() if one.count.exact is None and not _is_same(before, after):
                symbol = self._symbol(one.count, floor=True)  # it may have lost some, for all that is known of it
                return replace(join, parts=(Part(Interval(symbol, symbol), one.element),))
            case Dict(), Dict(), Dict():
                return self._dict(before, after, join)
            case Seen(), Seen(), Seen():
                symbol = self._symbol(before.size, floor=True)
                return replace(join, size=Interval(symbol, symbol))
        return join

    def _each(self, before: Listing, after: Listing, change: Callable[[Value, Value], Value]) -> Listing:
        """Return a tuple as general as two are, entry by entry."""
        pairs = zip(before.parts, after.parts, strict=True)
        parts = (
            old if old.element is new.element else Part(EXACTLY_ONE, change(old.element, new.element))
            for old, new in pairs
        )
        return named(
            before, parts=tuple(parts), birth=before.birth.or_else(after.birth), marks=before.marks | after.marks
        )

    def _symbol(self, start: Interval, *, floor: bool) -> Amount:
        symbol = Symbol("carried", most=endless(_GROWS), owner=self.owner)
        self.changes[symbol] = Change(symbol, start, floor)
        return of(symbol)

    def _parts(self, before: tuple[Part, ...], after: tuple[Part, ...]) -> tuple[Part, ...]:
        """Return the stretches of a list that a round made longer, or that it changed altogether."""
        kept = before if after[: len(before)] == before else ()
        more = after[len(kept) :]
        symbol = self._symbol(Interval(ZERO, ZERO) if kept == before else count(before), floor=True)
        element = joined(part.element for part in more or before)
        if kept != before:
            element = self._general(joined(part.element for part in before), element)
        return (*kept, Part(Interval(symbol, symbol), element))

    def _dict(self, before: Dict, after: Dict, join: Dict) -> Dict:
        fields = dict(join.fields)
        for key in before.fields.keys() & after.fields.keys():
            old, new = before.fields[key].value, after.fields[key].value
            if old is not new:
                fields[key] = replace(fields[key], value=self._general(old, new))
        old_values = before.values
        if old_values is None and isinstance(after.values, Listing):
            item = element(after.values)
            begun = () if item is None else (Part(Interval(ZERO, after.values.birth.each), item),)
            old_values = replace(after.values, parts=begun if after.values.birth.each != ZERO else ())
        values = join.values
        if old_values is not None and after.values is not None and old_values is not after.values:
            values = self._general(old_values, after.values)
        rest = join.rest
        if before.rest != after.rest:
            symbol = self._symbol(before.rest, floor=True)
            rest = Interval(symbol, symbol)
        return replace(join, fields=fields, values=values, rest=rest)


def _adds_one_key(begun: Dict, after: Dict) -> bool:
    """Tell whether a dict has lost no key and got one more, or none."""
    more = (after.rest.high - begun.rest.high).constant
    return after.rest.low == begun.rest.low and more in (0, 1)


def _same_sizes(before: Value, after: Value) -> bool:
    """Tell whether two lists are equally long, stretch by stretch."""
    if not isinstance(before, Listing) or not isinstance(after, Listing):
        return False
    return [part.count for part in before.parts] == [part.count for part in after.parts]


def _is_same(before: Listing, after: Listing) -> bool:
    """Tell whether nothing has been put into a list or taken out of it."""
    return (before.root or before) is (after.root or after) or before.birth is not after.birth


def _countable(value: Number) -> bool:
    return value.whole and value.low is not None and not value.low.reasons and not value.high.reasons


def _aligned(before: Listing, after: Listing) -> bool:
    """Tell whether both are tuples of the same entries."""
    if not before.kind == after.kind == "tuple" or len(before.parts) != len(after.parts):
        return False
    return all(part.count == EXACTLY_ONE for part in (*before.parts, *after.parts))


def _adds(before: Number, after: Number) -> bool:
    """Tell whether a number has become larger, by nobody knows how much, or stayed."""
    return after.whole and before.low == after.low


def _compared(head: Value, after: Value) -> Iterator[tuple[Symbol, Amount | None, Amount]]:
    """Yield each symbol in the value that a round began with, and what the round made of it."""
    match head, after:
        case Number(), Number():
            yield from _pair(head.high, after.low, after.high)
        case Listing(), Listing() if _aligned(head, after):
            for one, other in zip(head.parts, after.parts, strict=True):
                yield from _compared(one.element, other.element)
        case Listing(), Listing():
            base = head.parts[:-1]
            same = [part.count for part in after.parts[: len(base)]] == [part.count for part in base]
            rest = after.parts[len(base) :] if same else after.parts
            for part in head.parts[-1:]:
                total = count(rest)
                yield from _pair(part.count.high, total.low, total.high)
                for other in rest:
                    yield from _compared(part.element, other.element)
        case Seen(), Seen():
            yield from _pair(head.size.high, after.size.low, after.size.high)
        case Dict(), Dict():
            yield from _pair(head.rest.high, after.rest.low, after.rest.high)
            for key in head.fields.keys() & after.fields.keys():
                yield from _compared(head.fields[key].value, after.fields[key].value)
            if head.values is not None and after.values is not None:
                yield from _compared(head.values, after.values)


def _pair(head: Amount, low: Amount | None, high: Amount) -> Iterator[tuple[Symbol, Amount | None, Amount]]:
    for symbol in head.symbols():
        if head == of(symbol):
            yield symbol, low, high


def _either(
    known: tuple[Amount | None, Amount] | None, low: Amount | None, high: Amount
) -> tuple[Amount | None, Amount]:
    """Return the ends of a number that is one or the other."""
    if known is None:
        return low, high
    return None if known[0] is None or low is None else minimum(known[0], low), maximum(known[1], high)
