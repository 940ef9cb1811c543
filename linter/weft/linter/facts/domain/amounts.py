"""Symbolic numbers: how long a list can be, how often a loop can run. Nothing here knows Python or harnesses.
What number one comes to is told in `evaluation`.

An `Amount` is a polynomial with whole coefficients over atoms, or endless with the reasons why no number holds. Atoms
stand for numbers of 0 or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from math import ceil, comb, factorial
from operator import attrgetter

from weft.linter.effort import TooComplex, spend
from weft.linter.facts.domain.parameters import Parameter
from weft.linter.facts.domain.reasons import Reason
from weft.linter.record import record, replace
from weft.primitives.costs import synthesize_agents

__all__ = [
    "LONGEST",
    "ONE",
    "ZERO",
    "Amount",
    "Atom",
    "Ceiling",
    "Choose",
    "Extreme",
    "Product",
    "Symbol",
    "Tree",
    "alternatives",
    "at_least",
    "endless",
    "evaluated",
    "is_count",
    "maximum",
    "minimum",
    "number",
    "of",
    "reckoned",
    "times_all",
    "within_atom",
]

_LARGEST = 4000
"""How many atoms a formula may have, each counted wherever it stands; ten times what any harness reads like."""

LONGEST = 512
"""How many bits a number in a formula may have."""


_LEVELS = 4
"""How many levels of a synthesis a formula spells out: fan-in 8 reaches every list that a fan-out may have."""


_NO_SYMBOLS: frozenset[Symbol] = frozenset()


@record(eq=False)
class Symbol:
    """A number that differs from round to round of one loop."""

    name: str
    most: Amount
    """What it can be at most in any round."""
    total: Amount | None = None
    """What it adds up to at most over all rounds, where that is known to be less than rounds times most."""
    owner: object = None
    """The loop whose rounds they are."""

    def text(self) -> str:
        """Return its name."""
        return self.name


@record()
class Extreme:
    """The largest or the smallest of some amounts."""

    largest: bool
    among: tuple[Amount, ...]

    def text(self) -> str:
        """Return `max(…)` or `min(…)`."""
        return f"{'max' if self.largest else 'min'}({','.join(sorted(amount.text() for amount in self.among))})"


@record()
class Ceiling:
    """A quotient rounded up."""

    of: Amount
    by: int

    def text(self) -> str:
        """Return `ceil((…)/n)`."""
        return f"ceil(({self.of.text()})/{self.by})"


@record()
class Choose:
    """In how many ways some of so many can be picked."""

    of: Amount
    pick: int

    def text(self) -> str:
        """Return the falling product over the factorial."""
        factors = "*".join(f"({self.of.text()}-{i})" for i in range(self.pick)).replace("-0)", ")")
        return f"{factors}/{factorial(self.pick)}"


@record()
class Tree:
    """How many agents a synthesis of so many items starts."""

    of: Amount
    fan_in: int

    def text(self) -> str:
        """Return a sum over the levels, in the operations that every formula uses."""
        size = self.of.text()
        widths = [self.fan_in**level for level in range(1, _LEVELS + 1)]
        return f"({'+'.join(['1', *(f'min(1,max(0,{size}-{width}))*ceil(({size})/{width})' for width in widths)])})"


Atom = Parameter | Symbol | Extreme | Ceiling | Choose | Tree
Product = tuple[Atom, ...]


def _size(atom: Atom) -> int:
    return 1 if isinstance(atom, (Parameter, Symbol)) else 1 + sum(amount.size for amount in within_atom(atom))


def within_atom(atom: Atom) -> tuple[Amount, ...]:
    """Return the amounts that an atom is made of."""
    if isinstance(atom, (Parameter, Symbol)):
        return ()
    return atom.among if isinstance(atom, Extreme) else (atom.of,)


class _Measured:
    """What is found out about an amount when it is made, and its symbols once somebody has asked for them."""

    __slots__ = ("_hash", "_symbols", "constant", "size")
    size: int
    """How many atoms it has, each counted wherever it stands: how long whatever is done with it takes."""
    constant: int | None
    """The number that it is, if it is one."""
    _hash: int
    _symbols: frozenset[Symbol]


@record(eq=False)
class Amount(_Measured):
    """An upper or lower end of a number: a polynomial over atoms, or endless."""

    terms: tuple[tuple[Product, int], ...] = ()
    """Products of atoms and how often each counts, in a fixed order."""
    reasons: tuple[Reason, ...] = ()
    """Why it is endless; empty where it is not."""

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, Amount):
            return self is other
        return self._hash == other._hash and self.terms == other.terms and self.reasons == other.reasons

    def __post_init__(self) -> None:
        size = 1
        plain: int | None = None if self.reasons or len(self.terms) > 1 else 0
        for atoms, count in self.terms:
            size += 1 + sum(map(_size, atoms)) if atoms else 1
            if count.bit_length() > LONGEST:
                raise TooComplex("a number that it comes to is too large")
            plain = None if atoms or plain is None else count
        self.size, self.constant, self._hash = size, plain, hash((self.terms, self.reasons))
        spend(size)
        if size > _LARGEST:
            raise TooComplex("a number that it comes to is too long a formula")

    def __add__(self, other: Amount) -> Amount:
        if self.constant is not None and other.constant is not None:
            return number(self.constant + other.constant)
        if self.reasons or other.reasons:
            return endless(*self.reasons, *other.reasons)
        if not self.terms or not other.terms:
            return self if self.terms else other
        return _polynomial([*self.terms, *other.terms])

    def __sub__(self, other: Amount) -> Amount:
        """Subtract; what is taken away must be a lower end, so an endless one counts as nothing."""
        if self.reasons or other.reasons:
            return self
        if other.constant is not None:
            return self + number(-other.constant)
        return _polynomial([*self.terms, *_negative(other)])

    def __mul__(self, other: Amount) -> Amount:
        if self.constant is not None and other.constant is not None:
            return number(self.constant * other.constant)
        if self.constant == 0 or other.constant == 0:
            return ZERO
        if self.reasons or other.reasons:
            return endless(*self.reasons, *other.reasons)
        if len(self.terms) * len(other.terms) > _LARGEST:
            raise TooComplex("a number that it comes to is too long a formula")
        spend(self.size * len(other.terms) + other.size * len(self.terms))
        pairs = product(self.terms, other.terms)
        return _polynomial([(_ordered(a + b), m * n) for (a, m), (b, n) in pairs])

    def symbols(self) -> frozenset[Symbol]:
        """Return the symbols that occur anywhere in it."""
        if self.constant is not None:
            return _NO_SYMBOLS
        try:
            return self._symbols
        except AttributeError:
            self._symbols = frozenset(symbol for atoms, _ in self.terms for symbol in _symbols_of(atoms))
            return self._symbols

    def parameters(self) -> frozenset[Parameter]:
        """Return the launch parameters that occur anywhere in it."""
        return frozenset(p for atoms, _ in self.terms for atom in atoms for p in _parameters(atom))

    def substitute(self, values: Mapping[Symbol, Amount]) -> Amount:
        """Return it with symbols replaced by what they are."""
        return self.within(values, values)

    def within(self, high: Mapping[Symbol, Amount], low: Mapping[Symbol, Amount]) -> Amount:
        """Return an upper end where symbols are only known to be at most and at least so much.

        With the two exchanged this is a lower end. Every atom grows with what it is made of.
        """
        if self.reasons or not self.symbols() & high.keys():
            return self
        met = high.keys()
        result = _polynomial([term for term in self.terms if met.isdisjoint(_symbols_of(term[0]))])
        for atoms, times in self.terms:
            if met.isdisjoint(_symbols_of(atoms)):
                continue
            ends = (high, low) if times > 0 else (low, high)
            one, other = ([_replaced(atom, *way) for atom in atoms] for way in (ends, ends[::-1]))
            if len(atoms) < 2 or high is low or all(at_least(end, ZERO) for end in (*one, *other)):
                result += times_all(times, one)
            else:  # what may be below 0 is multiplied: it is most where each is at one of its ends
                result += maximum(*(times_all(times, [*ways]) for ways in product(*zip(one, other, strict=True))))
        return result

    def settled(self) -> Amount:
        """Return an upper end without symbols: each is what it can be at most, or nothing where it is subtracted."""
        result = self
        while symbols := result.symbols():
            result = result.within({symbol: symbol.most for symbol in symbols}, dict.fromkeys(symbols, ZERO))
        return result

    def text(self) -> str:
        """Return it as a formula in `+ - * / min max ceil` over `len(args.x)` and `args.x`."""
        if self.reasons:
            return self.reasons[0].what or "unbounded"
        signed = [_term_text(atoms, count) for atoms, count in self.terms]
        return "".join(signed).removeprefix("+") or "0"


def number(value: int) -> Amount:
    """Return the amount that is a plain number."""
    return _SMALL[value] if 0 <= value < len(_SMALL) else Amount((((), value),))


_SMALL = (Amount(), *(Amount((((), value),)) for value in range(1, 256)))
"""The numbers that most amounts are, made once."""


def of(atom: Atom) -> Amount:
    """Return the amount that is one atom."""
    return Amount((((atom,), 1),))


def endless(*reasons: Reason) -> Amount:
    """Return the amount for which no number holds."""
    unique = dict.fromkeys(reasons)
    spend(len(reasons))
    return Amount(reasons=tuple(sorted(unique, key=lambda r: (r.line, r.why, r.what))))


ZERO = number(0)
ONE = number(1)


def at_least(a: Amount, b: Amount) -> bool:
    """Tell whether `a >= b` holds whatever the atoms are."""
    if a.constant is not None and b.constant is not None:
        return a.constant >= b.constant
    if a.reasons or a == b:
        return True
    if b.reasons:
        return False
    more = _counted([*a.terms, *_negative(b)])
    return all(count >= 0 and all(map(is_count, atoms)) for atoms, count in more.items() if count) or _at_least_one(
        a, b
    )


def is_count(atom: Atom) -> bool:
    """Tell whether an atom is certainly a number of 0 or more."""
    if not isinstance(atom, Extreme):
        return True
    return (any if atom.largest else all)(at_least(inner, ZERO) for inner in atom.among)


def _at_least_one(a: Amount, b: Amount) -> bool:
    """Tell whether `a >= b` follows from what a single maximum or minimum is made of."""
    match a.terms, b.terms:
        case _, (((Extreme(largest=False, among=among),), 1),):
            return any(at_least(a, inner) for inner in among)
        case _, (((Extreme(largest=True, among=among),), 1),):
            return all(at_least(a, inner) for inner in among)
        case (((Extreme(largest=True, among=among),), 1),), _:
            return any(at_least(inner, b) for inner in among)
        case (((Extreme(largest=False, among=among),), 1),), _:
            return all(at_least(inner, b) for inner in among)
    return False


def maximum(*amounts: Amount) -> Amount:
    """Return the largest."""
    if amounts and all(amount.constant is not None for amount in amounts):
        return max(amounts, key=attrgetter("constant"))
    if any(amount.reasons for amount in amounts):
        return endless(*(reason for amount in amounts for reason in amount.reasons))
    return _extreme(True, amounts, at_least)


def minimum(*amounts: Amount) -> Amount:
    """Return the smallest; an endless one does not count beside others."""
    if amounts and all(amount.constant is not None for amount in amounts):
        return min(amounts, key=attrgetter("constant"))
    finite = [amount for amount in amounts if not amount.reasons]
    if not finite:
        return endless(*(reason for amount in amounts for reason in amount.reasons))
    return _extreme(False, finite, lambda a, b: at_least(b, a))


def _extreme(largest: bool, amounts: Iterable[Amount], beats: Callable[[Amount, Amount], bool]) -> Amount:
    flat: list[Amount] = []
    for amount in amounts:
        flat.extend(alternatives(amount, largest=largest))
    kept: list[Amount] = []
    for amount in flat:
        if not any(beats(other, amount) for other in kept):
            kept = [other for other in kept if not beats(amount, other)] + [amount]
    return kept[0] if len(kept) == 1 else of(Extreme(largest, tuple(sorted(kept, key=Amount.text))))


def alternatives(amount: Amount, *, largest: bool = True) -> tuple[Amount, ...]:
    """Return the amounts of which one is the largest, or the smallest; the amount itself where it is no such choice."""
    for atoms, times in amount.terms:
        match atoms:
            case (Extreme(among=among) as atom,) if atom.largest is (largest if times > 0 else not largest):
                rest = amount - of(atom) * number(times) if len(amount.terms) > 1 else ZERO
                return among if times == 1 and rest == ZERO else tuple(rest + one * number(times) for one in among)
    return (amount,)


def _polynomial(terms: Iterable[tuple[Product, int]]) -> Amount:
    kept = [(atoms, count) for atoms, count in _counted(terms).items() if count]
    if len(kept) < 2:
        return Amount(tuple(kept))
    return Amount(tuple(sorted(kept, key=lambda term: (-len(term[0]), [atom.text() for atom in term[0]]))))


def _counted(terms: Iterable[tuple[Product, int]]) -> dict[Product, int]:
    """Return how often each product counts in a sum."""
    counts: dict[Product, int] = {}
    for atoms, count in terms:
        counts[atoms] = counts.get(atoms, 0) + count
    spend(4 * len(counts))
    return counts


def _negative(amount: Amount) -> list[tuple[Product, int]]:
    return [(atoms, -count) for atoms, count in amount.terms]


def _ordered(atoms: Product) -> Product:
    if len(atoms) < 2:
        return atoms
    return tuple(sorted(atoms, key=lambda atom: atom.text()))


def times_all(count: int, factors: list[Amount]) -> Amount:
    """Return a number times all of these."""
    result = number(count)
    for factor in factors:
        result = result * factor
    return result


def _symbols_of(atoms: Product) -> Iterator[Symbol]:
    return (symbol for atom in atoms for symbol in _symbols(atom))


def _symbols(atom: Atom) -> frozenset[Symbol]:
    if isinstance(atom, Symbol):
        return frozenset((atom,))
    return frozenset(symbol for amount in within_atom(atom) for symbol in amount.symbols())


def _parameters(atom: Atom) -> frozenset[Parameter]:
    if isinstance(atom, Parameter):
        return frozenset((atom,))
    return frozenset(parameter for amount in within_atom(atom) for parameter in amount.parameters())


def _replaced(atom: Atom, high: Mapping[Symbol, Amount], low: Mapping[Symbol, Amount]) -> Amount:
    match atom:
        case Symbol():
            return high[atom] if atom in high else of(atom)
        case Parameter():
            return of(atom)
        case Extreme(largest=largest, among=among):
            return (maximum if largest else minimum)(*(inner.within(high, low) for inner in among))
    inside = atom.of.within(high, low)
    return inside if inside.reasons else evaluated(atom, inside)


def evaluated(atom: Ceiling | Choose | Tree, inside: Amount) -> Amount:
    """Return an atom made of something else: a number where that is one."""
    new = replace(atom, of=inside)
    return of(new) if inside.constant is None else number(reckoned(new, inside.constant))


def _term_text(atoms: Product, count: int) -> str:
    size = [str(abs(count))] if abs(count) != 1 or not atoms else []
    return ("+" if count > 0 else "-") + "*".join([*size, *(atom.text() for atom in atoms)])


def reckoned(atom: Ceiling | Choose | Tree, size: int) -> int:
    """Return the number that an atom is where what it is made of is one."""
    match atom:
        case Ceiling():
            return ceil(size / atom.by)
        case Choose():
            return comb(max(size, 0), atom.pick)
    return synthesize_agents(size, atom.fan_in)
