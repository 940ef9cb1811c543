"""Walking through lists: `for` loops, comprehensions, and the branches of a fan-out."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, of
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Call, Either, Function, Partial
from weft.linter.facts.domain.contained import children, deep_marks, everything, rebuilt
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval, lowest, some
from weft.linter.facts.domain.joins import count, merged
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, about, collected, deciding
from weft.linter.facts.domain.pairing import drawn, paired
from weft.linter.facts.domain.refit import Ends, rebased
from weft.linter.facts.domain.state import State, key_of
from weft.linter.facts.domain.sums import summed
from weft.linter.facts.domain.truth import truth
from weft.linter.facts.domain.values import (
    CONTAINERS,
    Asks,
    Bool,
    Dict,
    Field,
    Kind,
    Listing,
    Number,
    Part,
    Round,
    Value,
    constant,
    marked,
)
from weft.linter.facts.follow.assignment import assign
from weft.linter.facts.follow.awaiting import awaited
from weft.linter.facts.follow.barriers import take_on_by_loop, with_lineage
from weft.linter.facts.follow.lacking import found_at, index_of, present_in, there
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.memories import grouping, keyed_by, unique
from weft.linter.facts.follow.repeat import repeat
from weft.linter.facts.follow.rounds import Rounds
from weft.linter.facts.follow.sequences import listing, made_apart, one_of_many, renewed, sequence, thinned, walked
from weft.linter.facts.repeating import FanOut, Loop
from weft.linter.record import replace

__all__ = [
    "applied",
    "branches",
    "call_back",
    "comprehension",
    "dict_comprehension",
    "each",
    "folded",
    "for_loop",
    "varying",
]

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def _walk(
    m: Machine,
    loop: Loop,
    source: Listing,
    bind: Callable[[Value], None],
    body: Callable[[], None],
    text: str,
    end: Callable[[], None] | None = None,
    refit: Callable[[Ends], None] | None = None,
    *,
    awaits: bool = False,
) -> None:
    """Follow a body for each element of a list, and then what is done when no element is left."""
    loop.walked, loop.over = source.marks, source
    times, begun = count(source.parts), m.state

    def begin(index: Amount) -> bool:
        if source.when is not None:  # there is something in it
            m.state.learn(source.when.true)
        now = _grown(m, source)
        item = renewed(m, walked(m, now, index, loop), begun, apart=now.apart)
        item = varying(rebuilt(item, partial(_of_this_loop, loop), {}), loop.node)
        if isinstance(item, Number):
            item = marked(item, frozenset((Mark("made", loop),)))
        loop.item = item
        bind(item)
        found_at(m, source, item)
        return True

    repeat(m, Rounds(loop, begin, body, times, text, end, source=source, refit=refit, awaits=awaits))


def _grown(m: Machine, source: Listing) -> Listing:
    """Return a list that is walked with what earlier rounds have put into it."""
    now = m.state.held(source)
    if not isinstance(now, Listing) or count(now.parts).high == count(source.parts).high:
        return source
    return replace(source, parts=merged((*source.parts, *now.parts)), apart=source.apart and now.apart)


def _of_this_loop(loop: Loop, value: Value) -> Value | None:
    """Return a round of a loop helper as one of the loop that walks it."""
    if not isinstance(value, Round):
        return None
    loop.helper = value.helper
    return replace(value, loop=loop)


def varying(item: Value, node: ast.AST) -> Value:
    """Return an element as one that differs from round to round of a loop, with all that it is unpacked to."""
    if isinstance(item, Listing):
        parts = tuple(Part(part.count, varying(part.element, node)) for part in item.parts)
        item = replace(item, parts=parts)
    return marked(item, frozenset((Mark("item", node),)))


def iterated(m: Machine, node: ast.expr, *, awaits: bool) -> Listing:
    """Return what a loop walks; what is awaited for each element may start agents unless it is a list after all."""
    value = m.evaluate(node)
    if awaits and not isinstance(value, Listing):
        m.consume(value)
        awaited(m, anything("what gives its elements is not followed", value), node)
    return with_lineage(m, sequence(m, value, node))


def for_loop(m: Machine, node: ast.For | ast.AsyncFor) -> None:
    """Follow a `for` statement."""
    awaits = isinstance(node, ast.AsyncFor)
    source = iterated(m, node.iter, awaits=awaits)
    loop = Loop(node, "for", node.iter, place=tuple(m.loops))
    text = f"for {unparsed(node.target)} in {unparsed(node.iter)}"

    def end() -> None:
        take_on_by_loop(m, loop, source)
        m.execute(node.orelse)

    def bind(item: Value) -> None:
        assign(m, node.target, item)

    _walk(m, loop, source, bind, lambda: m.execute(node.body), text, end, awaits=awaits)


def branches(
    m: Machine,
    fanout: FanOut,
    items: Listing,
    part: Part,
    follow: Callable[[Value], None],
    text: str,
    refit: Callable[[Ends], None],
) -> Loop:
    """Follow what is done for each element of a stretch of a list, all at the same time."""
    about_items = frozenset(mark for mark in items.marks if mark.kind in ("item", "drawn"))
    source = replace(items, parts=(part,), marks=about_items)
    loop = Loop(fanout.node, "branches", None, place=tuple(m.loops))
    held: list[Value] = []

    def body() -> None:
        with m.branching(fanout, alone=part.count.high == ONE):
            follow(held[-1])

    _walk(m, loop, source, held.append, body, text, refit=refit)
    return loop


def each(m: Machine, node: ast.AST, source: Listing, follow: Callable[[Value], Value], birth: Birth) -> Value:
    """Return what a function gives for any element of a list, as an element of another list."""
    loop = Loop(node, "comprehension", None, place=tuple(m.loops))
    held: list[Value] = [ANY]
    given: list[Value] = []

    def body() -> None:
        held.append(follow(given[-1]))

    def refit(ends: Ends) -> None:
        held.append(ends.fit(held[-1]))

    _walk(m, loop, source, given.append, body, "each element", refit=refit)
    return rebased(held[-1], loop, lambda symbol: of(replace(symbol, name="piece", owner=birth)))


def applied(m: Machine, function: Value, node: ast.AST, source: Listing) -> Value:
    """Return what a function gives for any element of a list, called for each of them."""
    return each(m, node, source, lambda item: m.apply(function, node, item), m.birth(node))


def folded(m: Machine, function: Value, node: ast.AST, source: Listing, begun: Value) -> Value:
    """Return what a function makes of a value and each element of a list in turn, as `reduce` does."""
    loop = Loop(node, "comprehension", None, place=tuple(m.loops))
    cell = (m.birth(node), "so far")
    m.state.cells[cell] = begun
    given: list[Value] = []

    def body() -> None:
        m.state.cells[cell] = m.apply(function, node, m.state.current(m.state.cells[cell]), given[-1])

    _walk(m, loop, source, given.append, body, "each element")
    made = m.state.current(m.state.cells.pop(cell))
    same = isinstance(made, (Bool, Number)) or (isinstance(made, Listing) and made.kind == "set")
    return made if same else marked(made, frozenset(mark for mark in source.marks if mark.kind == "order"))


def call_back(m: Machine, call: Call) -> None:
    """Follow the functions among the arguments of a call as called any number of times, with anything."""
    for value in call.inputs():
        if isinstance(value, (Function, Partial, Either)):
            many = Part(some("how often it is called is not known", call.node.lineno), ANY)
            applied(m, value, call.node, listing(m, call.node, many))


@dataclass(slots=True)
class _Gathered:
    """What a comprehension has gathered from its last round."""

    size: Interval = EXACTLY_ONE
    value: Value = ANY
    key: Value | None = None
    sources: list[Listing] = field(default_factory=list)
    is_index: bool = False
    """What is gathered is the index or key in each round."""
    is_item: bool = False
    """What is gathered is the element of each round, or an entry of it."""
    complete: bool = False
    """No element that is kept is None."""
    lost: tuple[Listing, ...] | None = None
    """The lists of whose entries none that is left out is None; `None` when nothing is left out."""
    read: set[object] = field(default_factory=set)
    """What the clauses after the first, and what is gathered, have read."""
    shown: set[object] = field(default_factory=set)
    """The containers that only what is gathered has read: how many there are does not rest on them."""
    indexes: frozenset[object] | None = None
    """The lists and dicts in which there is not None under the indices or keys that are left out."""
    answers: dict[bool, tuple[Listing, ...]] = field(default_factory=dict)
    """The lists whose entry is not None, by what the value is that is gathered about it."""

    def refit(self, ends: Ends) -> None:
        """Replace symbols in what was gathered."""
        self.size = ends.interval(self.size)
        self.value = ends.fit(self.value)
        self.key = None if self.key is None else ends.fit(self.key)

    def leave_out(self, state: State, source: Listing, item: Value) -> None:
        """Take note of what is known where an element is left out."""
        indexes = there(state, source.indexes, item) if source.indexes else frozenset[object]()
        self.indexes = indexes if self.indexes is None else self.indexes & indexes
        present = present_in(state, source, item)
        self.lost = present if self.lost is None else tuple(one for one in self.lost if one in present)


def comprehension(m: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
    """Return what a list or set comprehension or a generator expression gathers."""
    kind: Kind = (
        "set" if isinstance(node, ast.SetComp) else "iterator" if isinstance(node, ast.GeneratorExp) else "list"
    )
    found, before = _Gathered(), dict(m.state.cells)
    loop = _generators(m, node, node.generators, found, lambda: _take(m, found, node.elt, None))
    if kind == "iterator":
        m.state.run_later(before)
    result = listing(m, node, kind=kind)
    size = Interval(ZERO, found.size.high) if kind == "set" else found.size
    part = Part(size, _kept(found, loop, result.birth))
    sources = _sources(found) | {mark for mark in loop.walked if mark.kind == "mapped"}
    marks = collected(sources, found.value.marks, nested=len(found.sources) > 1)
    if kind == "set":
        (part,) = unique(m, replace(result, parts=(part,), marks=marks), node).parts
        marks = frozenset(mark for mark in marks if mark.kind != "order")
    parts = (part,) if size.high != ZERO else ()
    marks = paired(found.sources) | {mark for mark in marks if not isinstance(mark.of, Amount) or mark.kind != "drawn"}
    if len(found.sources) == 1:
        marks |= {mark for mark in drawn(found.sources[0]) if not isinstance(mark.of, Amount)}
    reads = frozenset(one for source in found.sources for one in (source.birth, *source.reads))
    reads = reads | (found.read - found.shown) if kind == "iterator" else frozenset[object]()
    apart = made_apart(m, found.value, len(m.loops) + len(found.sources), m.state.cells.values())
    apart = apart or (found.sources[0].apart and len(found.sources) == 1 and found.is_item)
    result = replace(result, parts=parts, apart=apart, marks=marks, node=node, reads=reads)
    if len(found.sources) > 1:
        return result
    (source,), guarded = found.sources, bool(node.generators[0].ifs)
    let_through = about(found.value.marks, "passed") - about(deep_marks(source), "passed")
    m.drawn[result.birth] = (source.birth, bool(let_through))
    asks = Asks(found.answers) if any(found.answers.values()) and not guarded else None
    along = frozenset[object]() if guarded or kind == "set" else source.positions
    lost = thinned(source) if guarded else source.thinned
    kept_from = source if found.complete else None
    indexes = found.indexes if found.is_index and found.indexes else frozenset[object]()
    result = replace(result, indexes=indexes, lost=found.lost or ())
    return replace(result, kept_from=kept_from, asks=asks, along=along, thinned=lost)


def _answers(m: Machine, value: Value, source: Listing, element: Value) -> dict[bool, tuple[Listing, ...]]:
    """Return for either outcome of a test the lists whose entry in this round is not None then."""
    when, found = truth(value), {}
    for holds, facts in ((True, when.true), (False, when.false)):
        state = m.state.fork()
        state.learn(facts)
        found[holds] = present_in(state, source, element)
    return found


def dict_comprehension(m: Machine, node: ast.DictComp) -> Value:
    """Return what a dict comprehension gathers."""
    found = _Gathered()
    loop = _generators(m, node, node.generators, found, lambda: _take(m, found, node.value, node.key))
    birth = m.birth(node, shared=False)
    value, key = _kept(found, loop, birth), found.key or ANY
    value = keyed_by(m, birth, key, value, node.key)
    apart = isinstance(value, (Listing, Dict)) and loop in value.birth.loops
    if isinstance(value, (Listing, Dict)) and apart:
        apart = len(value.birth.loops) >= len(m.loops) + len(node.generators) and not any(
            isinstance(one, CONTAINERS) and one.birth.may_be(value.birth) for one in everything(*m.state.cells.values())
        )
        value = one_of_many(m, node, value)
    grouped = grouping(key)
    gathered = collected(_sources(found), value.marks, nested=len(found.sources) > 1)
    marks = frozenset(Mark("whole", mark.of) if mark.of in grouped else mark for mark in gathered)
    marks |= drawn(found.sources[0]) if len(found.sources) == 1 else NO_MARKS
    names = _same_names(node, found)
    if names is not None:
        fields = {name: Field(value) for name in names}
        return Dict(fields=fields, birth=birth, marks=marks, node=node, apart=apart)
    size = Interval(lowest(found.size.low, ONE), found.size.high)
    return Dict(keys=key, values=value, rest=size, birth=birth, marks=marks, node=node, apart=apart)


def _same_names(node: ast.DictComp, found: _Gathered) -> list[str] | None:
    """Return the keys where they are the elements of a list that is known, taken as they are."""
    (first, *others) = node.generators
    if others or first.ifs or unparsed(first.target) != unparsed(node.key):
        return None
    names = [constant(part.element) for part in found.sources[0].parts if part.count == EXACTLY_ONE]
    known = [name for name in names if isinstance(name, str)]
    return known if len(known) == len(found.sources[0].parts) else None


def _take(m: Machine, found: _Gathered, value: ast.expr, key: ast.expr | None) -> None:
    found.size = EXACTLY_ONE
    if key is not None:
        found.key = marked(m.state.settled(m.evaluate(key)), deciding(m.state.control))
    before = set(found.read)
    found.value = marked(m.state.settled(m.evaluate(value)), m.state.control)
    found.shown |= {one for one in found.read - before if isinstance(one, Birth)}


def _generators(
    m: Machine, node: Comprehension, generators: list[ast.comprehension], found: _Gathered, take: Callable[[], None]
) -> Loop:
    """Follow the `for` and `if` clauses of a comprehension, and return its outermost loop."""
    source = iterated(m, generators[0].iter, awaits=bool(generators[0].is_async))
    with m.scoped(node), m.escapes.reading(m.state) as found.read:
        return _clauses(m, node, generators, source, found, take)


def _clauses(
    m: Machine,
    node: Comprehension,
    generators: list[ast.comprehension],
    source: Listing,
    found: _Gathered,
    take: Callable[[], None],
) -> Loop:
    first, *rest = generators
    depth = len(found.sources)
    loop = Loop(node if depth == 0 else first.iter, "comprehension", first.iter, place=tuple(m.loops))
    held: list[Value] = []

    def bind(item: Value) -> None:
        held.append(item)
        assign(m, first.target, item)

    def inner() -> None:
        if rest:
            more = iterated(m, rest[0].iter, awaits=bool(rest[0].is_async))
            _clauses(m, node, rest, more, found, take)
        else:
            _keep(m, found, held[-1], take)

    def body() -> None:
        del found.sources[depth:]
        found.sources.append(source)
        found.size, found.lost, found.indexes = Interval(ZERO, ZERO), None, None
        _guarded(m, list(first.ifs), inner, lambda: found.leave_out(m.state, source, held[-1]))

    found.sources.append(source)
    text = f"for {unparsed(first.target)} in {unparsed(first.iter)}"
    _walk(m, loop, source, bind, body, text, refit=found.refit, awaits=bool(first.is_async))
    take_on_by_loop(m, loop, source)
    low = ZERO if first.ifs else count(source.parts).low * found.size.low
    found.size = Interval(low, summed(found.size.high, loop.rounds or ZERO, loop))
    if rest:
        found.value = Ends(over=loop).fit(found.value)
    return loop


def _keep(m: Machine, found: _Gathered, element: Value, take: Callable[[], None]) -> None:
    """Take what is gathered for an element of the innermost list, and note what is known of that element then."""
    found.complete = element.lack is not None and m.state.current(element).lack is None
    take()
    found.is_index = key_of(found.value) == key_of(index_of(m.state, element))
    found.is_item = key_of(found.value) in map(key_of, (element, *children(element)))
    if element.lack is not None or found.sources[-1].columns:
        found.answers = _answers(m, found.value, found.sources[-1], element)


def _guarded(m: Machine, guards: list[ast.expr], inner: Callable[[], None], leave: Callable[[], None]) -> None:
    """Follow what is done when all guards hold, and when one does not."""
    if not guards:
        inner()
        return
    first, *rest = guards
    with m.escapes.overlooking():  # a guard leaves out more or less, and adds nothing
        test = m.evaluate(first)
    m.test(test, first)
    m.branch(test, first, lambda: _guarded(m, rest, inner, leave), leave)


def _kept(found: _Gathered, loop: Loop, birth: Birth) -> Value:
    """Return an element as one of the list that was gathered."""
    if len(found.sources) > 1:
        return Ends(over=loop).fit(found.value)
    return rebased(found.value, loop, lambda symbol: of(replace(symbol, name="piece", owner=birth)))


def _sources(found: _Gathered) -> Marks:
    """Return the marks of all lists that are walked; one that meets itself is looked at as a whole."""
    walked = [fanout for source in found.sources for fanout in about(source.marks, "mapped", "flat")]
    met = {Mark("whole", fanout) for fanout in walked if walked.count(fanout) > 1}
    return NO_MARKS.union(met, *(source.marks for source in found.sources))
