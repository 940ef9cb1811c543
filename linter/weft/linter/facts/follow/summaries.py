"""Calls that are not followed again: one like an earlier one comes to the same.

Calls are alike when they are given the same, as far as the analysis can tell, and the variables that the first one read
still hold the same. Only calls are remembered that change nothing of what there was before. The first few calls of a
function are always followed, so that what the rules are told of is complete for all but large harnesses.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Set

from weft.linter.facts.domain.amounts import ZERO, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import CALLABLE, Coroutine, Function, Instance
from weft.linter.facts.domain.contained import children, deep_marks, everything, mapped, symbols_in
from weft.linter.facts.domain.cost import Agents, Costs, agents, choice, least, tokens
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.joins import merged
from weft.linter.facts.domain.likeness import Likeness, mark_key
from weft.linter.facts.domain.marks import Mark, about
from weft.linter.facts.domain.refit import Ends
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.values import CONTAINERS, Dict, Listing, Refined, Round, Seen, Value, When
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.recording import Recording, Spent, Summary
from weft.linter.facts.follow.stack import Pass
from weft.linter.facts.repeating import FanOut
from weft.linter.record import replace

__all__ = ["summarised"]

_FOLLOWED = 4
"""How often a function is followed before its calls are remembered."""

_REMEMBERED = 64
"""How many different calls of a function are remembered; one that has more is followed each time."""

_WASTED = 8
"""After how many calls that could not be remembered a function is only followed: recording takes as long again."""

_DEPTH = 10
"""How deep the result of a call that is not followed is known; what lies beside other values counts as deeper."""

_WIDE = 3
"""As how deep it counts at most."""

_TOLD_APART = 1
"""How deep the elements of lists in it are told apart."""

Given = Mapping[str, Value]


def summarised(m: Machine, function: Function, given: Given, follow: Callable[[], Value]) -> Value:
    """Return what a call of a function gives: as an earlier one like it did, or else what `follow` finds."""
    for recording in m.recordings[-1:]:
        recording.called.add(function.closure)
    calls = m.calls[function.closure]
    calls.followed[m.goal] += 1
    worthless = calls.wasted >= _WASTED and not calls.remembered
    if calls.followed[m.goal] <= _FOLLOWED or len(calls.remembered) >= _REMEMBERED or worthless:
        return follow()
    like = Likeness(m.kinds, m.state.current)
    key = _key(m, given, like)
    if key is None:
        return follow()
    for summary in calls.remembered:
        if summary.key == key and summary.goal >= m.goal and _holds(m, summary):
            return _again(m, function, summary, given, like)
    recording = Recording(m.state.fork(), len(m.frames), len(m.events))
    raised, acted = len(m.ways.raises), m.acted
    m.recordings.append(recording)
    try:
        result = follow()
    finally:
        m.recordings.pop()
        for outer in m.recordings[-1:]:
            outer.add(recording, recording.reads)
    found = _summary(m, recording, result, (key, like, given), raised, acted)
    if found is not None:
        calls.remembered.append(found)
    else:
        calls.wasted += 1
    return result


def _key(m: Machine, given: Given, like: Likeness) -> Hashable | None:
    """Return what calls that are alike have in common; `None` where a call is like no other."""
    values = tuple((name, like.of(value)) for name, value in given.items())
    if any(number is None for _, number in values):
        return None
    # Not all loops and fan-outs around: of those there are as many combinations as ways that lead to a function.
    where = tuple(loop.node for loop in m.loops[-1:]), m.inside[-1:], bool(m.catching), bool(m.keying)
    return values, where, frozenset(map(mark_key, m.state.control)), m.state.limits


def _holds(m: Machine, summary: Summary) -> bool:
    """Tell whether the variables that a call has read hold the same, and nothing that it called runs around here."""
    record, cells = summary.record, m.state.cells
    if not record.called.isdisjoint(frame.closure for frame in m.frames) or not record.absent.isdisjoint(cells):
        return False
    like = Likeness(m.kinds, m.state.current, same=True)
    return all(cell in cells and like.of(cells[cell]) == number for cell, number in summary.alike.items())


# Remembering


def _summary(
    m: Machine,
    record: Recording,
    result: Value,
    call: tuple[Hashable, Likeness, Given],
    raised: int,
    acted: int,
) -> Summary | None:
    """Return what a call has come to; `None` where another one like it might come to something else."""
    key, like, given = call
    before = record.before
    raises = m.ways.raises[raised:]
    alike = _alike(m, record)
    around = [*given.values(), *record.reads.values()]
    inside = [*everything(*around)]
    roots = {id(value.root or value) for value in inside}
    objects = {value.birth for value in inside if isinstance(value, Instance)}
    ends = [state for state in (m.state, *raises) if state.alive]
    leaves_alone = all(_leaves_alone(state, before, roots, objects) for state in ends)
    if not record.usable or alike is None or not leaves_alone or not _is_plain(result, roots):
        return None
    size = len(before.cost)
    given_back = _shallow(result)
    return Summary(
        key=key,
        goal=m.goal,
        events=record.events,
        record=record,
        births=tuple(like.births),
        kept=_births(*record.reads.values()),
        marks=frozenset(mark_key(mark) for value in around for mark in deep_marks(value)),
        alike=alike,
        held=_births(given_back),
        result=given_back if m.state.alive else None,
        spent=_spent(m.state.cost[size:]),
        lost=_spent(choice([], [state.cost[size:] for state in raises])) if raises else None,
        acted=m.acted - acted,
    )


def _births(*values: Value) -> frozenset[Birth]:
    return frozenset(inner.birth for inner in everything(*values) if isinstance(inner, CONTAINERS))


def _alike(m: Machine, record: Recording) -> dict[tuple[object, object], int] | None:
    like = Likeness(m.kinds, record.before.current, same=True)
    numbers = {cell: like.of(record.before.cells[cell]) for cell in record.reads}
    known = {cell: number for cell, number in numbers.items() if number is not None}
    return known if len(known) == len(numbers) else None


def _leaves_alone(state: State, before: State, roots: set[int], births: Set[object]) -> bool:
    """Tell whether a call has changed nothing of what there was, and learnt nothing about it."""
    if any(state.cells.get(cell) is not value for cell, value in before.cells.items()):
        return False
    owners = {owner for owner, _ in before.cells if not isinstance(owner, Value)} | births
    if any(cell not in before.cells and cell[0] in owners for cell in state.cells):
        return False
    if state.told != before.told or state.originals != before.originals or state.control != before.control:
        return False
    return all(before.narrowed.get(root) is now or id(root) not in roots for root, now in state.narrowed.items())


def _is_plain(result: Value, roots: set[int]) -> bool:
    """Tell whether a result is plain data, and says nothing about what there was before."""
    return not any(
        isinstance(value, (*CALLABLE, Coroutine, Round, Seen)) or _speaks_of(value, roots)
        for value in everything(result)
    )


def _speaks_of(value: Value, roots: set[int]) -> bool:
    when = value.when or When()
    facts = (*when.true, *when.false, *(fact for case in when.cases for fact in case.facts))
    return any(not isinstance(fact, Refined) or id(fact.before.root or fact.before) in roots for fact in facts)


def _shallow(value: Value, depth: int = 0) -> Value:
    """Return a result that is known less well the deeper one looks: nested calls would make it ever larger."""
    marks = frozenset({mark_key(mark): mark for mark in value.marks}.values())
    if isinstance(value, (Listing, Dict)) and depth > _DEPTH:
        return anything("it lies deep in what a function returns", marks=marks)
    value = value if marks == value.marks else replace(value, marks=marks)
    if isinstance(value, Listing) and depth > _TOLD_APART:
        value = replace(value, parts=merged(value.parts))
    deeper = depth + min(sum(1 for _ in children(value)), _WIDE)
    return mapped(value, lambda inner: _shallow(inner, deeper))


def _spent(costs: Costs) -> Spent:
    return Spent(least(costs), agents(costs), tokens(costs))


# Not following again


def _again(m: Machine, function: Function, summary: Summary, given: Given, like: Likeness) -> Value:
    """Do what a call like this one has done, and return what it gave."""
    record = summary.record
    reads = [m.state.cells[cell] for cell in record.reads]
    marks = frozenset[Mark]().union(*(deep_marks(value) for value in (*given.values(), *reads)))
    for outer in m.recordings[-1:]:
        outer.add(record, dict(zip(record.reads, reads, strict=True)))
    by_key = {mark_key(mark): mark for mark in marks}
    m.look(frozenset(mark for key, mark in by_key.items() if key in record.looked))
    m.rest(marks)
    m.state.reached |= about(marks, "mapped", "flat")
    m.passes += summary.goal < Pass.RECORD
    if summary.acted:
        m.acted += summary.acted
        m.act()
    line, text = function.node.lineno, f"{getattr(function.node, 'name', 'lambda')}(…)"
    if summary.lost is not None:
        failed = m.state.fork()
        failed.cost += _cost(summary.lost, line, text)
        m.ways.raises.append(failed)
    m.state.cost += _cost(summary.spent, line, text)
    if summary.result is None:
        m.state.end()
        return anything("it never returns")
    return _Fresh(m, summary, by_key, tuple(like.births)).result(summary.result)


def _cost(spent: Spent, line: int, text: str) -> Costs:
    return (Agents(line, text, spent.low, spent.high, spent.tokens),) if spent.high != ZERO else ()


class _Fresh:
    """Makes the result of an earlier call that of another one: containers of its own, about its own arguments."""

    def __init__(self, m: Machine, summary: Summary, marks: Mapping[Hashable, Mark], births: Iterable[Birth]) -> None:
        self._loops, self._branches = tuple(m.loops), len(m.branches)
        self._place = m.place()
        self._summary = summary
        self._marks = marks
        self._held = summary.held | summary.kept | set(summary.births)
        self._births = {birth: birth for birth in summary.kept} | dict(zip(summary.births, births, strict=True))
        self._fanouts: dict[FanOut, FanOut] = {}
        self._known: dict[int, tuple[Value, Value]] = {}

    def result(self, value: Value) -> Value:
        """Return the result."""
        handed_on = {
            symbol: of(replace(symbol, owner=self._birth(symbol.owner)))
            for symbol in symbols_in(value)
            if isinstance(symbol.owner, Birth)
        }
        return self._fresh(Ends({**handed_on}, handed_on).fit(value) if handed_on else value)

    def _fresh(self, value: Value) -> Value:
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = (self._made(value), value)
        return known[0]

    def _made(self, value: Value) -> Value:
        marks = frozenset(map(self._mark, value.marks))
        if not isinstance(value, CONTAINERS):
            return replace(value, marks=marks, root=None, when=None)
        birth = self._birth(value.birth)
        inner = mapped(value, self._fresh)
        if isinstance(inner, Listing):
            along = frozenset(self._births.get(one, one) if isinstance(one, Birth) else one for one in inner.along)
            return replace(
                inner, marks=marks, birth=birth, along=along, kept_from=None, asks=None, root=None, when=None
            )
        assert isinstance(inner, Dict)  # a memory is no plain data
        return replace(inner, marks=marks, birth=birth, root=None, when=None)

    def _birth(self, birth: Birth) -> Birth:
        if birth not in self._births:
            either = frozenset(map(self._birth, birth.either & self._held - {birth}))
            self._births[birth] = Birth(birth.line, self._loops, birth.shared, either, branches=self._branches)
        return self._births[birth]

    def _mark(self, mark: Mark) -> Mark:
        """Return a mark about this call's arguments, or about a fan-out in it, instead of about the earlier one's."""
        key = mark_key(mark)
        if key in self._marks:
            return self._marks[key]
        if not isinstance(mark.of, FanOut) or key in self._summary.marks:
            return mark
        if mark.of not in self._fanouts:
            self._fanouts[mark.of] = replace(mark.of, place=self._place, loops=self._loops)
        return Mark(mark.kind, self._fanouts[mark.of])
