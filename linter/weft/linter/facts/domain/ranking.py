"""What proves that something repeated ends: a difference that falls, by steps or to a share of itself, to a limit.

How what is carried from round to round changes is found out next door, in `growth`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from math import ceil, floor, inf

from weft.linter.facts.domain.amounts import (
    ZERO,
    Amount,
    Ceiling,
    Extreme,
    Product,
    Symbol,
    alternatives,
    at_least,
    maximum,
    number,
    of,
)
from weft.linter.facts.domain.counts import ceiling
from weft.linter.facts.domain.evaluation import supremum
from weft.linter.facts.domain.intervals import Differs, Interval, Less
from weft.linter.record import record

__all__ = ["Path", "Proof", "Stage", "grows_with", "proofs", "shares", "sharpened", "staged"]

Path = Mapping[Symbol, tuple[Amount | None, Amount]]
"""What one way through a round makes of each number: the least and the most."""

Form = dict[Product, Fraction]
"""A sum in which every product of atoms counts so much; the empty product is the number 1."""

Step = tuple[Fraction, Fraction]
"""What becomes of a difference: such a share of it, and so much more."""

_ONE: Product = ()

_WAYS = 8
"""How many ways through a round are told apart."""

_FORMS = 16
"""How many forms are looked at, one of which is the end of a number."""

_LONGEST = 64
"""How many rounds are worked out one by one."""

_LARGEST = 10**9


@record()
class Stage:
    """Some of the ways through a round, and how often any of them can be gone."""

    ways: tuple[int, ...]
    rounds: Amount


@record()
class Proof:
    """A number that moves towards a limit, so that only so many rounds can be followed by another one."""

    rounds: Amount
    fact: Less | Differs | None
    """What must hold for another round to begin; `None` when none ever does."""
    headed: bool = False
    """It is the loop's own condition that says so, before a round begins."""
    stages: tuple[Stage, ...] = ()
    """How often each way through a round is gone, where that is known of some after others."""


def proofs(
    starts: Mapping[Symbol, Interval], paths: Sequence[Path], limits: Iterable[Less | Differs]
) -> Iterator[Proof]:
    """Yield what proves that rounds end, from what holds whenever another one begins.

    Args:
        starts: What each number that changes is when the first round begins.
        paths: What becomes of them on each way through a round that another one follows.
        limits: What holds on all of these ways.
    """
    for fact in sharpened(limits):
        for small, large in _as_less(fact, starts, paths):
            for side in _each(large):
                if (side - small).symbols().isdisjoint(starts):
                    continue
                rounds = _rounds(side - small, starts, paths) or _rounds_of_series(side - small, starts, paths)
                if rounds is not None:
                    yield Proof(rounds, fact)


def _as_less(
    fact: Less | Differs, starts: Mapping[Symbol, Interval], paths: Sequence[Path]
) -> Iterator[tuple[Amount, Amount]]:
    """Yield a fact as `small < large`; a number that cannot jump over another one meets it."""
    if isinstance(fact, Less):
        yield fact.small, fact.large
        return
    for small, large in ((fact.other, fact.one), (fact.one, fact.other)):
        above = large - small
        low = _at_start(above, starts, upper=False)
        if low is not None and at_least(low, ZERO) and _steps(above, paths, upper=False):
            yield small, large


def _each(large: Amount) -> tuple[Amount, ...]:
    match large.terms:
        case (((Extreme(largest=False, among=among),), 1),):
            return among
        case (((Symbol() as symbol,), 1),) if symbol.total is not None:
            return (large, *_each(symbol.most))
    return (large,)


def _at_start(difference: Amount, starts: Mapping[Symbol, Interval], *, upper: bool) -> Amount | None:
    """Return an end of a difference when the first round begins; `None` where it has none."""
    known = {symbol: starts[symbol] for symbol in difference.symbols() & starts.keys()}
    if any(start.low.reasons or start.high.reasons for start in known.values()):
        return None
    low, high = ({symbol: end(start) for symbol, start in known.items()} for end in (_low, _high))
    return difference.within(high, low) if upper else difference.within(low, high)


def _low(interval: Interval) -> Amount:
    return interval.low


def _high(interval: Interval) -> Amount:
    return interval.high


def sharpened(limits: Iterable[Less | Differs]) -> list[Less | Differs]:
    """Return facts with what they say together: what is above a number, and not the next one, is above that too."""
    known = [*limits]
    apart = {frozenset((fact.one, fact.other)) for fact in known if isinstance(fact, Differs)}
    for fact in known:
        if isinstance(fact, Less) and apart and frozenset((fact.large, fact.small + number(1))) in apart:
            known.append(Less(fact.small + number(1), fact.large))
    return known


def staged(
    starts: Mapping[Symbol, Interval], paths: Sequence[Path], limits: Sequence[frozenset[Less | Differs]]
) -> Proof | None:
    """Return what proves that rounds end of which each moves one of several numbers, and may set the others back.

    Args:
        starts: What each number that changes is when the first round begins.
        paths: What becomes of them on each way through a round that another one follows.
        limits: What holds on each of these ways.
    """
    if not 1 < len(paths) <= _WAYS:
        return None
    numbers = [*_differences(starts, paths, limits)]
    found: list[Stage] = []
    left = set(range(len(paths)))
    while left:
        stages = [one for each in numbers if (one := _stage(*each, left, found)) is not None]
        if not stages:
            return None
        stage = min(stages, key=lambda stage: (-len(stage.ways), stage.rounds.text(), stage.ways))
        found.append(stage)
        left -= {*stage.ways}
    return Proof(sum((stage.rounds for stage in found), ZERO), None, stages=tuple(found))


def _differences(
    starts: Mapping[Symbol, Interval], paths: Sequence[Path], limits: Sequence[frozenset[Less | Differs]]
) -> Iterator[tuple[Amount, list[list[Step]], set[int]]]:
    """Yield differences: what each is at first, what each way makes of it, and on which it is above 0 before."""
    for fact in dict.fromkeys(fact for facts in limits for fact in facts):
        ways = {index for index, facts in enumerate(limits) if fact in facts}
        for small, large in _as_less(fact, starts, paths):
            for side in _each(large):
                if not _is_whole(side - small, paths):
                    continue
                start = _at_start(side - small, starts, upper=True)
                moves = _moves(side - small, paths, _stays, upper=True)
                if start is not None and moves:
                    yield maximum(ZERO, start), moves, ways


def _stage(
    start: Amount, moves: Sequence[Sequence[Step]], above: set[int], left: set[int], found: Sequence[Stage]
) -> Stage | None:
    """Return the ways that make a difference smaller which none of the others that are left makes larger."""
    rises = [max(0, *(ceil(b) for _, b in steps)) for steps in moves]
    falling = [way for way in left & above if all(_falls(a, b) for a, b in moves[way])]
    if not falling or any(rises[way] for way in left.difference(falling)):
        return None
    most = start + sum((number(max(rises[way] for way in stage.ways)) * stage.rounds for stage in found), ZERO)
    return Stage(tuple(falling), ceiling(most, min(_fall(a, b) for way in falling for a, b in moves[way])))


def _fall(share: Fraction, more: Fraction) -> int:
    return ceil(-more) if share == 1 else 1


def _stays(share: Fraction, more: Fraction) -> bool:
    return 0 <= share <= 1


# Linear differences


def _rounds(difference: Amount, starts: Mapping[Symbol, Interval], paths: Sequence[Path]) -> Amount | None:
    """Return how often a difference can be above 0 when another round begins, if each makes it smaller."""
    steps, start = _steps(difference, paths, upper=True), _at_start(difference, starts, upper=True)
    if not steps or start is None:
        return None
    if not _is_whole(difference, paths):
        rounded = sum(abs(times) for atoms, times in difference.terms if atoms and not isinstance(atoms[0], Symbol))
        return _rounds_in_shares(steps, start + number(rounded - 1))
    if all(a == 1 for a, _ in steps):
        return _positive(ceiling(start, min(ceil(-b) for _, b in steps)))
    most = supremum(start)
    if most == inf or any(a == 1 for a, _ in steps):
        return _positive(start)  # at least 1 less each time
    value, count = int(most), 0
    while value > 0:
        value, count = max(floor(a * value + b) for a, b in steps), count + 1
    return number(count)


def _is_whole(difference: Amount, paths: Sequence[Path]) -> bool:
    """Tell whether what is followed instead of a difference is a whole number too: it is none for a rounded share."""
    changing = frozenset(symbol for path in paths for symbol in path)
    return all(
        share.denominator == 1
        for form in _forms(difference, upper=True, changing=changing) or []
        for share in form.values()
    )


def _rounds_in_shares(steps: Sequence[Step], start: Amount) -> Amount | None:
    """Return how often what is no whole number can be 1 or more; `start` is how much above 1 it is at most."""
    fall = min(1 - a - b for a, b in steps)  # where it is 1 or more, it becomes less by that
    if fall <= 0:
        return None
    if start.constant is None:
        return _positive(ceiling(start * number(fall.denominator), fall.numerator))
    value, count = Fraction(start.constant + 1), 0
    while value >= 1:
        value, count = max(a * value + b for a, b in steps), count + 1
    return number(count)


def _positive(bound: Amount) -> Amount:
    return bound if bound.symbols() else maximum(ZERO, bound)


def _steps(difference: Amount, paths: Sequence[Path], *, upper: bool) -> list[Step]:
    """Return what each way makes of a difference d that is above 0, as an end of it: `a * d + b`.

    As an upper end it is less than d, and as a lower one not below 0; empty where some way makes it another.
    """
    return [step for steps in _moves(difference, paths, _falls if upper else _holds, upper=upper) for step in steps]


def _moves(
    difference: Amount, paths: Sequence[Path], right: Callable[[Fraction, Fraction], bool], *, upper: bool
) -> list[list[Step]]:
    """Return for each way what it makes of a difference, in steps which are all right; empty where there are none."""
    changing = frozenset(symbol for path in paths for symbol in path)
    own = _forms(difference, upper=True, changing=changing)
    if own is None or len(own) != 1 or any(len(atoms) > 1 and _has(atoms, changing) for atoms in own[0]):
        return []
    found: list[list[Step]] = []
    for path in paths:
        every_way = [_of_way(own[0], ends, changing, upper=upper) for ends in _ends(own[0], path, upper=upper)]
        fitting = [steps for steps in every_way if steps and all(right(a, b) for a, b in steps)]
        if not fitting:
            return []
        found.append(min(fitting, key=lambda steps: max(b for _, b in steps)))
    return found


def _ends(own: Form, path: Path, *, upper: bool) -> Iterator[Mapping[Symbol, Amount]]:
    """Yield ends of what a way makes of numbers in a difference: each of several is one of the smallest of them."""
    found: dict[Symbol, tuple[Amount, ...]] = {}
    for atoms, times in own.items():
        match atoms:
            case (Symbol() as symbol,) if symbol in path:
                up = upper == (times > 0)
                end = path[symbol][1 if up else 0]
                found[symbol] = () if end is None else alternatives(end, largest=not up)
    for ends in islice(product(*found.values()), _FORMS):
        yield dict(zip(found, ends, strict=True))


def _of_way(own: Form, ends: Mapping[Symbol, Amount], changing: frozenset[Symbol], *, upper: bool) -> list[Step]:
    steps = [_step(own, after, changing) for after in _after(own, ends, changing, upper=upper) or []]
    known = [step for step in steps if step is not None]
    return known if len(known) == len(steps) else []


def _holds(share: Fraction, more: Fraction) -> bool:
    return share >= 0 and share + more > -1


def _falls(share: Fraction, more: Fraction) -> bool:
    return 0 <= share <= 1 and share + more < 1


def _step(own: Form, after: Form, changing: frozenset[Symbol]) -> Step | None:
    lead = next((atoms for atoms in own if _has(atoms, changing)), None)
    if lead is None:
        return None
    share = after.get(lead, Fraction(0)) / own[lead]
    rest = _sum(after, own, -share)
    if any(rest):
        return None
    return share, rest.get(_ONE, Fraction(0))


def _after(own: Form, ends: Mapping[Symbol, Amount], changing: frozenset[Symbol], *, upper: bool) -> list[Form] | None:
    """Return the forms of which the largest, or the smallest, is what a way makes of a difference."""
    found: list[Form] = [{}]
    for atoms, times in own.items():
        if not _has(atoms, changing):
            found = [_sum(form, {atoms: times}, Fraction(1)) for form in found]
            continue
        (symbol,) = atoms
        if not isinstance(symbol, Symbol) or symbol not in ends:
            return None
        forms = _forms(ends[symbol], upper=upper == (times > 0), changing=changing)
        if forms is None or len(found) * len(forms) > _FORMS:
            return None
        found = [_sum(one, other, times) for one, other in product(found, forms)]
    return found


def _forms(amount: Amount, *, upper: bool, changing: frozenset[Symbol]) -> list[Form] | None:
    """Return forms of which the largest is an upper end of an amount, or the smallest a lower one."""
    if amount.reasons:
        return None
    found: list[Form] = [{}]
    for atoms, times in amount.terms:
        forms = _of_term(atoms, upper == (times > 0), changing)
        if forms is None or len(found) * len(forms) > _FORMS:
            return None
        found = [_sum(one, other, Fraction(times)) for one, other in product(found, forms)]
    return found


def _of_term(atoms: Product, upper: bool, changing: frozenset[Symbol]) -> list[Form] | None:
    if not _has(atoms, changing) or (len(atoms) == 1 and isinstance(atoms[0], Symbol)):
        return [{atoms: Fraction(1)}]
    match atoms:
        case (Ceiling(of=inner, by=by),):
            more = {_ONE: Fraction(by - 1 if upper else 0)}
            forms = _forms(inner, upper=upper, changing=changing)
            return forms and [_sum({}, _sum(form, more, Fraction(1)), Fraction(1, by)) for form in forms]
        case (Extreme(largest=largest, among=among),):
            inside = [_forms(one, upper=upper, changing=changing) for one in among]
            if largest is upper:
                return None if None in inside else [form for forms in inside for form in forms or []]
            known = [forms for one, forms in zip(among, inside, strict=True) if forms and one.symbols() & changing]
            return known[0] if known else None  # any of them is an end
    return None


def _has(atoms: Product, changing: frozenset[Symbol]) -> bool:
    return any(of(atom).symbols() & changing for atom in atoms)


def _sum(one: Form, other: Form, times: Fraction) -> Form:
    result = dict(one)
    for atoms, count in other.items():
        result[atoms] = result.get(atoms, Fraction(0)) + times * count
    return {atoms: count for atoms, count in result.items() if count}


# Numbers that change in other ways


def _rounds_of_series(difference: Amount, starts: Mapping[Symbol, Interval], paths: Sequence[Path]) -> Amount | None:
    """Return after how many rounds a number that moves in whatever way has met a limit that is a number."""
    symbols = difference.symbols() & starts.keys()
    if len(symbols) != 1:
        return None
    (symbol,) = symbols
    for sign in (1, -1):
        offset = (difference - of(symbol) * number(sign)).constant
        start = (starts[symbol].high if sign == 1 else starts[symbol].low).constant
        if offset is None or start is None:
            continue
        ends = [path[symbol][1 if sign == 1 else 0] for path in paths if symbol in path]
        if len(ends) == len(paths):
            values = enumerate(_series(symbol, start, ends, max if sign == 1 else min))
            return next((number(index) for index, value in values if sign * value + offset <= 0), None)
    return None


def _series(
    symbol: Symbol, value: int, ends: Sequence[Amount | None], furthest: Callable[[list[int]], int]
) -> Iterator[int]:
    """Yield how far a number can be from its limit when each round begins, where that follows from the one before."""
    known = [end for end in ends if end is not None and grows_with(end, symbol)]
    for _ in range(_LONGEST):
        yield value
        after = [end.substitute({symbol: number(value)}).constant for end in known]
        numbers = [one for one in after if one is not None]
        if not numbers or len(numbers) < len(ends) or abs(furthest(numbers)) > _LARGEST:
            return
        value = furthest(numbers)


def shares(amount: Amount, symbol: Symbol) -> list[Step] | None:
    """Return pairs (a, b) with a < 1 of which some `a * symbol + b` is as large as an amount; `None` without such."""
    return next((pairs for one in alternatives(amount, largest=False) if (pairs := _shares(one, symbol))), None)


def _shares(amount: Amount, symbol: Symbol) -> list[Step]:
    found: list[Step] = []
    for form in _forms(amount, upper=True, changing=frozenset((symbol,))) or []:
        share, more = form.pop((symbol,), Fraction(0)), form.pop(_ONE, Fraction(0))
        if not 0 <= share < 1 or any(form.values()):
            return []
        found.append((share, more if share else Fraction(floor(more))))
    return found


def grows_with(amount: Amount, symbol: Symbol) -> bool:
    """Tell whether an amount is larger, or not smaller, where a number in it is."""
    return not amount.reasons and all(
        times > 0 or not _has(atoms, frozenset((symbol,))) for atoms, times in amount.terms
    )
