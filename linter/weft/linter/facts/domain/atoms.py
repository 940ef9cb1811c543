"""What formulas are made of: numbers that only a run tells, and those that are reckoned of other amounts.

An `Amount` is made of atoms, and most atoms of amounts; how either is calculated with is next door, in `amounts`.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

from weft.linter.facts.domain.parameters import Parameter
from weft.linter.record import record

if TYPE_CHECKING:
    from weft.linter.facts.domain.amounts import Amount

__all__ = ["Atom", "Ceiling", "Choose", "Extreme", "Product", "Symbol", "Tree", "size_of", "within_atom"]

_LEVELS = 4
"""How many levels of a synthesis a formula spells out: fan-in 8 reaches every list that a fan-out may have."""


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


def size_of(atom: Atom) -> int:
    """Return how many atoms one is made of, itself among them."""
    return 1 if isinstance(atom, (Parameter, Symbol)) else 1 + sum(amount.size for amount in within_atom(atom))


def within_atom(atom: Atom) -> tuple[Amount, ...]:
    """Return the amounts that an atom is made of."""
    if isinstance(atom, (Parameter, Symbol)):
        return ()
    return atom.among if isinstance(atom, Extreme) else (atom.of,)
