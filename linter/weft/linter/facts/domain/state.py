"""What holds at one point of the harness on the paths that lead there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import Amount, number
from weft.linter.facts.domain.arguments import ARGUMENTS, changed_argument
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.changes import Changed, as_long
from weft.linter.facts.domain.code import Instance
from weft.linter.facts.domain.contained import deep_marks, rebuilt
from weft.linter.facts.domain.cost import Costs, choice
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Differs, Less
from weft.linter.facts.domain.joins import Join, joined
from weft.linter.facts.domain.lost import lost
from weft.linter.facts.domain.marks import NO_MARKS, Marks
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.ties import tied, ties
from weft.linter.facts.domain.totals import forget_totals
from weft.linter.facts.domain.truth import sure, truth
from weft.linter.facts.domain.values import (
    CONTAINERS,
    Case,
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
    When,
    constant,
    marked,
)
from weft.linter.record import replace

__all__ = ["Cell", "State", "given_at", "implied", "join", "key_of", "place"]

_COPIED = 16
"""How many variables are copied, or looked over, in one step."""

_CASES = 8
"""How many paths are told apart by what a value is on them."""

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
        spend(1 + len(self.cells) // _COPIED)
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
        spend(1 + len(names) // _COPIED)
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
        spend(1 + len(self.cells) // _COPIED)
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
        spend(1 + len(self.cells) // _COPIED)
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


def join(states: Iterable[State], failed: Iterable[State] = ()) -> State:
    """Return what holds where several paths meet; `failed` are those on which an error was raised."""
    living, lost = ([state for state in some if state.alive] for some in (states, failed))
    if not living and not lost:
        dead = State()
        dead.end()
        return dead
    result, *others = (*living, *lost)
    for state in others:
        result = _join(result, state)
    if others:
        result.cost = choice([state.cost for state in living], [state.cost for state in lost])
    return result


def implied(ends: Iterable[tuple[State, Value]], met: State | None = None) -> When | None:
    """Return what a value that is given at one of several points tells by being true, or false, or by what it is.

    `met`: what holds where the points meet; then the value tells of the numbers in it which point they come from.
    """
    sides: dict[bool, list[dict[Value, Value]]] = {True: [], False: []}
    limits: dict[bool, list[frozenset[Fact]]] = {True: [], False: []}
    ends = list(ends)
    for state, value in ends:
        when, known = truth(value), sure(value)
        for holds, facts in ((True, when.true), (False, when.false)):
            if known is not (not holds):
                told = {fact.before.root or fact.before: fact.after for fact in facts if isinstance(fact, Refined)}
                sides[holds].append({**state.narrowed, **told})
                limits[holds].append(state.limits.union(fact for fact in facts if not isinstance(fact, Refined)))
    true, false = (
        _told_by_all(sides[holds]) + _known_to_all(limits[holds]) + (() if met is None else _numbers(met, ends, holds))
        for holds in (True, False)
    )
    cases = _cases(ends)
    return When(true, false, cases) if true or false or cases else None


def _cases(ends: list[tuple[State, Value]]) -> tuple[Case, ...]:
    """Return what a value is at each of several points, with the values that are not None at some of them only."""
    found: list[tuple[Value, dict[Value, Refined]]] = []
    for state, value in ends:
        if isinstance(value, CONTAINERS):
            return ()
        told = {root: Refined(root, now) for root, now in state.narrowed.items() if root.lack and now.lack is None}
        for case in value.when.cases if value.when is not None and value.when.cases else (Case(value, ()),):
            found.append((case.value, {**told, **{fact.before: fact for fact in case.facts}}))
    if len(found) > _CASES:
        return ()
    roots = Counter(root for _, facts in found for root in facts)
    apart = {root for root, times in roots.items() if times < len(found)}
    spend(1 + len(roots))
    if not apart:
        return ()
    return tuple(Case(value, tuple(facts[root] for root in facts if root in apart)) for value, facts in found)


def _numbers(met: State, ends: list[tuple[State, Value]], holds: bool) -> tuple[Fact, ...]:
    """Return what the numbers are where a value is true, or false, that is given at one of several points."""
    states = [state for state, value in ends if sure(value) is not (not holds)]
    if not 0 < len(states) < len(ends):
        return ()
    spend(1 + len(met.cells) // _COPIED)
    found: list[Fact] = []
    for cell, value in met.cells.items():
        if isinstance(value, Number) and all(cell in state.cells for state in states):
            inside = [state.current(state.cells[cell]) for state in states]
            if any(one is not value for one in inside):
                found.append(Refined(value, joined(inside)))
    return tuple(found)


def _known_to_all(ways: list[frozenset[Fact]]) -> tuple[Fact, ...]:
    return tuple(frozenset[Fact].intersection(*ways)) if ways else ()


def _told_by_all(ways: list[dict[Value, Value]]) -> tuple[Fact, ...]:
    if not ways:
        return ()
    first, *others = ways
    spend(1 + len(first))
    known = ((root, now) for root, now in first.items() if root.lack is not None and now.lack is None)
    return tuple(
        Refined(root, now) for root, now in known if all(root in other and other[root].lack is None for other in others)
    )


def given_at(ends: list[tuple[State, Value]]) -> Value:
    """Return what is known of a value that is given at one of several points, with what it tells about them."""
    return _with_implied(joined(value for _, value in ends), ends)


def _with_implied(found: Value, ends: list[tuple[State, Value]]) -> Value:
    """Return what a variable holds where two paths meet, with what it tells about them."""
    silent = not any(state.narrowed or value.when for state, value in ends)
    if silent or len(ends) < 2 or any(isinstance(value, Dict) for _, value in ends):
        return found
    if len({sure(value) for _, value in ends}) < 2:
        cases = _cases(ends)
        when = When(cases=cases) if cases else None
    else:
        when = implied(ends)
    return found if when is None else replace(found, when=when, root=None)


def _join_found(a: State, b: State, result: State, merge: Join) -> None:
    """Take on what was found in lists and dicts that are not what they were, at places where both paths have looked."""
    pairs = {
        (one.root or one, two.root or two): now.root or now
        for cell, one in a.cells.items()
        if isinstance(one, (Listing, Dict)) and (two := b.cells.get(cell, one)) is not one
        if isinstance(two, (Listing, Dict)) and two.birth is one.birth and (now := result.cells[cell]) is not one
    }
    found: dict[Value, dict[object, Value]] = {}
    for state in (a, b) if pairs else ():
        for (owner, key), value in state.cells.items():
            if isinstance(owner, Value):
                found.setdefault(owner, {})[key] = state.current(value)
    for (one, two), now in pairs.items():
        ours, theirs = found.get(one, {}), found.get(two, {})
        result.cells |= {(now, key): merge(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()}


def _join(a: State, b: State) -> State:
    spend(1 + (len(a.cells) + len(b.cells)) // _COPIED)
    merge, result, parted = Join(), State(), dict[Cell, Value]()
    result.narrowed = {
        root: known if known is b.narrowed[root] else replace(merge(known, b.narrowed[root]), root=root)
        for root, known in a.narrowed.items()
        if root in b.narrowed
    }
    for cell, value in a.cells.items():
        other = b.cells.get(cell)
        if other is None or other is value:
            result.cells[cell] = value
            continue
        one, two = a.current(value), b.current(other)
        result.cells[cell] = parted[cell] = _with_implied(merge(one, two), [(a, one), (b, two)])
    for cell, value in b.cells.items():
        result.cells.setdefault(cell, value)
    born = [cell for cell in a.cells.keys() ^ b.cells.keys() if not isinstance(cell[0], Value)]
    parted |= {cell: result.cells[cell] for cell in born if result.cells[cell].lack is not None}
    result.cells |= tied(parted, ties((a, b), parted))
    _join_found(a, b, result, merge)
    result.absent, result.altered, result.pending = a.absent, a.altered, a.pending
    for cell in a.cells.keys() ^ b.cells.keys():
        if not isinstance(cell[0], Value) and result.absent.get(cell, cell) is not None:
            result.absent[cell] = result.cells[cell]
    result.originals = {**a.originals, **b.originals}
    for cell in a.originals.keys() ^ b.originals.keys():  # changed on one of the paths
        result.cells[cell] = merge(result.originals[cell], result.cells[cell])
    result.limits = a.limits & b.limits
    result.control = a.control & b.control
    result.told = a.told & b.told
    result.whole = a.whole | b.whole
    result.reached = a.reached | b.reached
    result.waited = a.waited | b.waited
    return result
