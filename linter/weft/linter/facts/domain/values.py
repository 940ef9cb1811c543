"""What the analysis knows of a value: its kind, whether it may be None, how long it can be, where it comes from.

Values are immutable and compared by identity: the same object stands for the same value at run time, so what a test
says about one holds wherever it turns up. How values of two paths are joined is next door, in `joins`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Set
from dataclasses import field
from typing import Any, Literal, Protocol, TypeVar

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import ZERO, Amount, Symbol
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.intervals import Differs, Interval, Less
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks
from weft.linter.record import record, replace

__all__ = [
    "CONTAINERS",
    "UNEXPLAINED",
    "Asks",
    "Bool",
    "Budget",
    "Case",
    "Declared",
    "Dict",
    "Fact",
    "Field",
    "Given",
    "Held",
    "Kind",
    "Lack",
    "Listing",
    "Nothing",
    "Number",
    "Part",
    "Refined",
    "Round",
    "Seen",
    "Text",
    "Unknown",
    "Value",
    "When",
    "also",
    "asked",
    "constant",
    "marked",
    "named",
]


@record()
class Lack:
    """Nullability: why a value may be None."""

    why: str
    """As in "the agent at line 8 can fail"; empty when nothing is known."""
    line: int = 0
    seldom: bool = False
    """Whether that is no everyday matter, or may have been mended: agents are lost every day, files mostly there."""


_COPIED = 16
"""How many marks, elements or entries are copied in one step."""

_LONGEST = 100_000
"""How many characters of a text are known at most."""


UNEXPLAINED = Lack("")
"""May be None for all the analysis knows; no rule speaks of it."""


class Declared(Protocol):
    """What a JSON Schema says of a value. A schema is a value itself; how it is read is next door, in `schema`."""

    @property
    def name(self) -> str:
        """What the harness calls the whole schema."""

    @property
    def path(self) -> str:
        """The place in it, as in `.claims[]`."""

    @property
    def open(self) -> bool:
        """Whether an object may have fields that the schema does not name."""

    def entry(self, key: str) -> Value | None:
        """Return what the schema says under a keyword."""

    def fields(self) -> Mapping[str, Field]:
        """Return the fields of an object, and whether the schema requires each."""

    def required(self) -> Set[str]:
        """Return the fields that an object always has."""

    def optional(self, name: str) -> bool:
        """Tell whether it names a field and does not require it."""

    def property(self, key: str) -> Declared | None:
        """Return the schema of a field."""

    def items(self) -> Declared | None:
        """Return the schema of the elements of an array."""

    def promised(self) -> Value:
        """Return the value that the schema promises, without any lineage."""

    def length(self) -> Interval:
        """Return how long an array can be."""


@record()
class When:
    """What follows when a value is true, and when it is false."""

    true: tuple[Fact, ...] = ()
    false: tuple[Fact, ...] = ()
    cases: tuple[Case, ...] = ()
    """What it is on each of the paths that have met, where they differ in what tests have said of other values."""
    there: tuple[Fact, ...] = ()
    """What follows when it is not None."""


@record(eq=False)
class Case:
    """A value as one path has given it, and what tests have said on that path."""

    value: Value
    facts: tuple[Refined, ...]


@record()
class Refined:
    """A test has said more about a value."""

    before: Value
    after: Value


Fact = Refined | Less | Differs


class _Kept:
    """What is in a value at any depth, once somebody has asked (`contained`)."""

    __slots__ = ("inner_births", "inner_marks", "inner_symbols")
    inner_births: frozenset[Birth]
    inner_marks: Marks
    inner_symbols: frozenset[Symbol]


@record(eq=False, kw_only=True)
class Value(_Kept):
    """What every value has; each kind below adds its own."""

    lack: Lack | None = None
    """Why it may be None; `None` when it never is."""
    marks: Marks = NO_MARKS
    when: When | None = None
    finds: frozenset[object] = frozenset()
    """The containers in which it is the index or key of something that is not None; the names of attributes that are
    not None in it."""
    root: Value | None = None
    """The value that tests have said more about; `None` for one as it was made."""

    def __post_init__(self) -> None:
        spend(1 + len(self.marks) // _COPIED)


@record(eq=False, kw_only=True)
class Unknown(Value):
    """Anything. Rules are silent about it."""

    why: str = "it is computed in a way that is not followed"


@record(eq=False, kw_only=True)
class Nothing(Value):
    """None itself; `lack` says who made it, and is `UNEXPLAINED` for a mere initial value."""


@record(eq=False, kw_only=True)
class Bool(Value):
    """A truth value."""

    const: bool | None = None


@record(eq=False, kw_only=True)
class Number(Value):
    """A number; `low` is `None` where nothing is known, `high` is endless then."""

    low: Amount | None
    high: Amount
    whole: bool = True
    measures: Value | None = None
    """The list whose length it is; or the budget, if it is what was read of that."""

    @property
    def exact(self) -> int | None:
        """The only whole number that it can be, if there is one."""
        return self.high.constant if self.whole and self.low == self.high else None


@record()
class Held:
    """A list of agents' results that was made text of."""

    count: Amount
    """How many there can be."""
    marks: Marks
    tokens: Amount
    """How many tokens one of them takes at most."""


@record(eq=False, kw_only=True)
class Text(Value):
    """A string."""

    const: str | None = None
    words: str = ""
    """The literal parts, where the rest is not known."""
    tokens: Amount = ZERO
    """How many tokens it can be, at most."""
    most: int | None = None
    """How many characters it can have at most; `None` where nothing limits that."""
    sure: bool = True
    """It is a text whatever the run is given, and not an argument that stands in for one."""
    said: bool = False
    """It begins with what an agent said."""
    whole: bool = False
    """It holds a whole answer in free text, not just a field of one."""
    holds: tuple[Held, ...] = ()
    """The lists of agents' results that were put into it."""
    options: frozenset[str] = frozenset()
    """The texts of which it is one, where they are known."""

    @property
    def choices(self) -> frozenset[str]:
        """The texts of which it is one; none where they are not known."""
        return self.options if self.const is None else frozenset((self.const,))

    def __post_init__(self) -> None:
        if len(self.words) > _LONGEST:
            object.__setattr__(self, "words", self.words[:_LONGEST])
        if self.const is not None and len(self.const) > _LONGEST:
            object.__setattr__(self, "const", None)
        spend(1 + (len(self.marks) + len(self.holds)) // _COPIED + len(self.words) // _LONGEST)


@record(eq=False, kw_only=True)
class Given(Value):
    """An argument of the run, or something in it: unknown now, known at launch."""

    path: tuple[str, ...] = ()
    schema: Declared | None = None
    default: int | None = None
    """Its length, or the number, when it is left out."""
    added: int = 0
    """How many entries the harness may have put into it."""


@record()
class Part:
    """A stretch of a list: so many elements that are known together."""

    count: Interval
    element: Value
    """Numbers in it that differ from element to element are symbols owned by the list."""


Kind = Literal["list", "tuple", "set", "view", "iterator", "rounds"]
"""What kind of list it is. A view is a `range` or of a dict: it can be walked again, and measured."""


@record(eq=False, kw_only=True)
class Listing(Value):
    """A list, tuple, set, deque, range, view or iterator: elements in order."""

    kind: Kind = "list"
    parts: tuple[Part, ...] = ()
    apart: bool = False
    """No container is in it twice: each was made for its element."""
    birth: Birth
    kept_from: Value | None = None
    """The list from which this one has taken what is not None."""
    asks: Asks | None = None
    """The question that each element answers about an element of another list."""
    columns: tuple[Listing | None, ...] = ()
    """The lists that are walked side by side, where its elements are tuples with one entry of each."""
    lost: tuple[Listing, ...] = ()
    """The lists for each None of which it has an element: if it has none, they hold no None."""
    along: frozenset[object] = frozenset()
    """The lists whose positions are its own, entry by entry, besides itself."""
    indexes: frozenset[object] = frozenset()
    """The lists and dicts whose indices or keys its elements are, or begin with, each beside what is found there; where
    it leaves out some, what is found there is not None."""
    thinned: frozenset[object] = frozenset()
    """The lists of which it has lost the failed entries, so that its positions are no longer theirs."""
    node: ast.expr | None = None
    told: Mapping[str, Value] = field(default_factory=dict)
    """What it tells by attributes of its own, besides its elements: that of a list which a primitive gives."""
    lacking: tuple[tuple[Part, ...], object] | None = None
    """What a test has said is not in it, by `key_of`, and its stretches then: it holds as long as they are these."""
    sums: tuple[tuple[Part, ...], Birth] | None = None
    """The dict of which it has the values, and its stretches then: they are these as long as it has no others."""
    reads: frozenset[object] = frozenset()
    """What an iterator reads while it is walked: lists and dicts by their births, changed arguments by their paths."""

    def __post_init__(self) -> None:
        spend(1 + (len(self.marks) + len(self.parts) + len(self.along)) // _COPIED)

    @property
    def positions(self) -> frozenset[object]:
        """The lists whose positions are its own."""
        return self.along | {self.birth}


@record()
class Asks:
    """A question about each element of a list."""

    answers: Mapping[bool, tuple[Listing, ...]]
    """The lists of which it follows, from either answer, that the entry there is not None."""


@record()
class Field:
    """One entry of a dict under a key that is known."""

    value: Value
    sure: bool = True
    """Whether it is there on every path."""


@record(eq=False, kw_only=True)
class Dict(Value):
    """A dict: entries under known keys, those that its schema promises, and a rest under unknown keys."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    schema: Declared | None = None
    keys: Value | None = None
    """What the unknown keys look like; `None` when there are no others."""
    values: Value | None = None
    rest: Interval = Interval(ZERO, ZERO)
    open: bool = False
    """There may be keys that the analysis does not know of."""
    named: Declared | None = None
    """The schema that names its entries, as far as the harness has not; they may be missing for all that."""
    present: frozenset[object] = frozenset()
    """Keys that are in it, as a test, a reading or an assignment has shown: names, and values that are keys."""
    factory: Value | None = None
    """What makes the value under a missing key."""
    apart: bool = False
    """The containers in it are different ones: each was made for its key."""
    birth: Birth
    node: ast.expr | None = None

    def __post_init__(self) -> None:
        spend(1 + (len(self.marks) + len(self.fields)) // _COPIED)


@record(eq=False, kw_only=True)
class Seen(Value):
    """A memory of everything that ever passed."""

    birth: Birth
    key: Value | None = None
    size: Interval = Interval(ZERO, ZERO)


@record(eq=False, kw_only=True)
class Round(Value):
    """One turn of a loop helper."""

    loop: object
    helper: str


@record(eq=False, kw_only=True)
class Budget(Value):
    """What the run may spend."""

    unit: str = ""
    """The unit in which it is read, where it is one that is known."""


V = TypeVar("V", bound=Value)


def marked(value: V, marks: Marks) -> V:
    """Return the value with further marks."""
    return value if marks <= value.marks else replace(value, marks=value.marks | marks)


def also(value: V, marks: Marks) -> V:
    """Return the same value with further marks: what tests say about it holds as before."""
    return value if marks <= value.marks else replace(value, marks=value.marks | marks, root=value.root or value)


def named(value: V, **changes: Any) -> V:
    """Return a new value like this one: another object at run time, about which tests say nothing yet."""
    return replace(value, root=None, when=None, **changes)


def asked(*values: Value) -> Marks:
    """Return the marks of the answer to whether these values are there."""
    return frozenset(Mark("asked", value.lack) for value in values if value.lack is not None and value.lack.why)


def constant(value: Value | None) -> str | int | bool | None:
    """Return the string, number or truth value that a value is known to be."""
    match value:
        case Text(const=const) | Bool(const=const):
            return const
        case Number():
            return value.exact
    return None


CONTAINERS = (Listing, Dict, Seen)
