"""What holds at one point of the harness on the paths that lead there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import Amount, number
from weft.linter.facts.domain.arguments import ARGUMENTS, changed_argument
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.changes import Changed, as_long
from weft.linter.facts.domain.code import Instance
from weft.linter.facts.domain.contained import deep_marks, rebuilt
from weft.linter.facts.domain.cost import Costs
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Differs, Less
from weft.linter.facts.domain.lost import lost
from weft.linter.facts.domain.marks import NO_MARKS, Marks
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.totals import forget_totals
from weft.linter.facts.domain.values import (
    CONTAINERS,
    Dict,
    Fact,
    Field,
    Given,
    Listing,
    Number,
    Refined,
    Seen,
    Text,
    Value,
    constant,
    marked,
)
from weft.linter.record import replace

__all__ = ["COPIED", "Cell", "State", "key_of", "place"]

COPIED = 16
"""How many variables are copied, or looked over, in one step."""


_SETTLED = 3
"""How deep a value is looked into for what tests have said about it."""

Cell = tuple[object, object]
"""A variable of an activation, an attribute of an object, or an entry that was read out of a value."""


def place(index: Amount) -> object:
    """Return under which key an element is remembered that was read at an index."""
    return "at", index


def key_of(index: Value) -> object:
    """Return what an index or key has in common with every other one that leads to the same element."""
    name = constant(index)
    if isinstance(name, str):
        return name
    exact = isinstance(index, Number) and index.low == index.high and not index.high.reasons
    return place(index.high) if exact and isinstance(index, Number) else index.root or index


class State:
    """Variables, what tests have said, and what was done so far. `alive` is false where no path leads."""

    __slots__ = (
        "absent",
        "alive",
        "altered",
        "cells",
        "control",
        "cost",
        "limits",
        "narrowed",
        "originals",
        "pending",
        "reached",
        "told",
        "waited",
        "whole",
    )

    def __init__(self) -> None:
        self.cells: dict[Cell, Value] = {}
        self.narrowed: dict[Value, Value] = {}
        """What a value is known to be by now, by the value as it was made."""
        self.absent: dict[Cell, Value | None] = {}
        """Variables that held nothing when they were asked for, or on one of two paths, and then what they held on the
        other; all states of a run share it."""
        self.altered: set[object] = set()
        """The places in schemas of which the harness has made some list longer; all states of a run share it."""
        self.pending: set[Birth] = set()
        """Containers that code changes which runs when an iterator is walked; all states of a run share it."""
        self.originals: dict[Cell, Value] = {}
        """Arguments of the run that the harness has changed, as they were given; what they are now is in `cells`."""
        self.limits: frozenset[Less | Differs] = frozenset()
        """What is known of numbers that differ from round to round."""
        self.control: Marks = NO_MARKS
        """Marks of the conditions under which this point is reached."""
        self.cost: Costs = ()
        self.told: frozenset[object] = frozenset()
        """The rounds that were told what they found, on every path."""
        self.whole: frozenset[object] = frozenset()
        """The fan-outs whose results were looked at as a whole, on some path."""
        self.reached: frozenset[object] = frozenset()
        """The fan-outs whose results another fan-out has taken on, on some path."""
        self.waited: frozenset[object] = frozenset()
        """The branches that have waited for an agent, on some path."""
        self.alive = True

    def fork(self) -> State:
        """Return a copy that goes its own way."""
        spend(1 + len(self.cells) // COPIED)
        other = State.__new__(State)
        other.cells, other.narrowed, other.originals = {**self.cells}, {**self.narrowed}, {**self.originals}
        other.absent, other.altered, other.pending = self.absent, self.altered, self.pending
        other.limits, other.control, other.cost, other.alive = self.limits, self.control, self.cost, self.alive
        other.told, other.whole, other.reached, other.waited = self.told, self.whole, self.reached, self.waited
        return other

    def current(self, value: Value) -> Value:
        """Return a value with all that tests have said about it."""
        known = self.narrowed.get(value.root or value) if self.narrowed else None
        found = value if known is None else marked(known, value.marks)
        return changed_argument(found, self.cells, self.originals) if self.originals else found

    def learn(self, facts: Iterable[Fact]) -> None:
        """Take note of what a test has said."""
        for fact in facts:
            if isinstance(fact, Refined):
                root = fact.before.root or fact.before
                self.narrowed[root] = replace(fact.after, root=root, when=None)
            else:
                self.limits |= {fact}

    def settled(self, value: Value, depth: int = 0) -> Value:
        """Return a value with what tests have said about what is in it, for where they no longer hold."""
        if not self.narrowed or depth > _SETTLED:
            return value
        if not isinstance(value, (Listing, Dict)):
            return self._found(value)
        owner = value.root or value
        if isinstance(value, Listing):
            parts = tuple(
                replace(part, element=self._settled(part.element, (owner, place(number(index))), depth))
                if part.count == EXACTLY_ONE
                else part
                for index, part in enumerate(value.parts)
            )
            same = all(new.element is old.element for new, old in zip(parts, value.parts, strict=True))
            return value if same else replace(value, parts=parts)
        names = [*value.fields, *(() if value.schema is None else value.schema.fields())]
        spend(1 + len(names) // COPIED)
        fields = dict(value.fields)
        for name in names:
            entry, read = fields.get(name), self.cells.get((owner, name))
            if entry is not None:
                fields[name] = replace(entry, value=self._settled(entry.value, (owner, name), depth))
            elif read is not None and (known := self.current(read)) is not read:
                fields[name] = Field(self.settled(known, depth + 1))
        changed = any(fields.get(name) != value.fields.get(name) for name in names)
        return replace(value, fields=fields) if changed else value

    def _found(self, value: Value) -> Value:
        """Return an index, a key or an object with what tests have found under it."""
        if isinstance(value, Instance):
            names = {name for (owner, name), read in self.cells.items() if owner is value.birth and self._tested(read)}
            return replace(value, finds=value.finds | names, root=value.root or value) if names else value
        if not isinstance(value, (Number, Text, Given)):
            return value
        key = key_of(value)
        spend(1 + len(self.cells) // COPIED)
        found = {
            owner.birth
            for (owner, name), read in self.cells.items()
            if isinstance(owner, (Listing, Dict)) and name == key and self._tested(read)
        }
        return replace(value, finds=value.finds | found, root=value.root or value) if found else value

    def _tested(self, read: Value) -> bool:
        return read.lack is not None and self.current(read).lack is None

    def _settled(self, inner: Value, cell: Cell, depth: int) -> Value:
        """Return what is in a value as it is known now, by its own name or by the one under which it was read there."""
        known = self.current(inner)
        read = self.cells.get(cell)
        if read is not None and known is inner:
            known = self.current(read)
            known = inner if known is read else replace(known, marks=inner.marks, root=None, when=None)
        return self.settled(known, depth + 1)

    def refine(self, value: Value, **changes: object) -> Value:
        """Say more about a value, and return it as it is known now."""
        self.learn([Refined(value, replace(value, **changes))])
        return self.current(value)

    def held(self, container: Listing | Dict | Seen) -> Value | None:
        """Return a container with the contents that it has now; `None` where no variable holds it."""
        return next(self._holding(container.birth), None)

    def _holding(self, birth: Birth, inside: frozenset[Birth] = frozenset()) -> Iterator[Value]:
        """Yield a container as it is held; `inside` are those of which that is being asked: one may hold itself."""
        spend(1 + len(self.cells) // COPIED)
        for (owner, _), value in self.cells.items():
            if isinstance(value, CONTAINERS) and value.birth is birth and self._is_current(owner, inside | {birth}):
                yield value

    def _is_current(self, owner: object, inside: frozenset[Birth]) -> bool:
        """Tell whether what was read out of a value still is in it: no other contents are known of that."""
        if not isinstance(owner, (Listing, Dict)) or owner.birth in inside:
            return True
        known = [value.root or value for value in self._holding(owner.birth, inside)]
        return not known or owner in known

    def store(self, container: Listing | Dict | Seen, before: Listing | None = None) -> None:
        """Give a container new contents, wherever it can be reached; `before`: what it was, if no variable holds it."""
        spend(1 + len(self.cells) // 2)
        old = before or self.held(container)
        if container.birth in self.pending:
            container = cast(Listing | Dict | Seen, lost(container, _PENDING))
        if container.birth.promised is not None and not as_long(old, container):
            self.altered.add(container.birth.promised)
        for path in container.birth.arguments():
            self.change_argument(path, Given(path=path), anything("the harness may have changed it", Given(path=path)))
        change = Changed(old, container)
        cells = {_kept(cell, container.birth, change): change(value) for cell, value in self.cells.items()}
        self.cells = forget_totals(cells, container.birth)

    def change(self, change: Callable[[Value], Value | None]) -> None:
        """Replace values all through; `change` gives `None` for those that stay as they are."""
        spend(1 + len(self.cells) // 2)
        known: dict[int, tuple[Value, Value]] = {}
        self.cells = {cell: rebuilt(value, change, known, anew=True) for cell, value in self.cells.items()}

    def forget(self, marks: Marks) -> None:
        """Take marks off all values; what tests have said of them stays."""

        def change(value: Value) -> Value | None:
            kept = value.marks - marks
            return None if len(kept) == len(value.marks) else replace(value, marks=kept, root=value.root or value)

        met: dict[int, tuple[Value, Value]] = {}
        for cell, value in self.cells.items():
            if not marks.isdisjoint(deep_marks(value)):
                self.cells[cell] = rebuilt(value, change, met)
        self.narrowed = {root: change(known) or known for root, known in self.narrowed.items()}

    def run_later(self, before: Mapping[Cell, Value]) -> None:
        """Take note that what was done since is done when an iterator is walked: before, between or after the rest."""
        for cell, old in before.items():
            new = self.cells.get(cell, old)
            if isinstance(new, CONTAINERS) and isinstance(old, CONTAINERS) and not _same_size(old, new):
                self.pending.add(new.birth)

    def change_argument(self, path: tuple[str, ...], original: Value, now: Value) -> None:
        """Take note that the harness has changed an argument of the run: from now on it is something else."""
        self.originals.setdefault((ARGUMENTS, path), original)
        self.cells[ARGUMENTS, path] = now

    def end(self) -> None:
        """No path leads on from here."""
        self.alive = False


def _kept(cell: Cell, changed: Birth, change: Changed) -> Cell:
    """Return the place in which an entry is still found when something that is in its container has changed."""
    owner, key = cell
    if not isinstance(owner, (Listing, Dict)) or owner.birth.may_be(changed):
        return cell
    now = change(owner)
    return (now.root or now, key)


_PENDING = Reason(0, "code that an iterator runs when it is walked changes it", "walk it at once", "unknown")


def _same_size(old: Value, new: Value) -> bool:
    if isinstance(old, Dict) and isinstance(new, Dict):
        return old.fields.keys() == new.fields.keys() and old.rest == new.rest
    return old is new or (as_long(old, new) and as_long(new, old))
