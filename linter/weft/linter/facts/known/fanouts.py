"""What `parallel` and `pipeline` do: their branches, their results, and what they cost."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial, reduce
from typing import Literal

from weft.linter.effort import spend, unparsed
from weft.linter.facts.domain.amounts import ZERO, Amount, maximum
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import CALLABLE, Call, Coroutine, Either, Function, Partial
from weft.linter.facts.domain.contained import births_in
from weft.linter.facts.domain.cost import Costs, agents, least
from weft.linter.facts.domain.holding import ANY, CODE
from weft.linter.facts.domain.intervals import EXACTLY_ONE, lowest
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import FROM_AGENTS, Mark, about, of_whole
from weft.linter.facts.domain.refit import Ends
from weft.linter.facts.domain.state import Cell
from weft.linter.facts.domain.values import (
    UNEXPLAINED,
    Bool,
    Lack,
    Listing,
    Nothing,
    Number,
    Part,
    Value,
    also,
    marked,
    named,
)
from weft.linter.facts.events import Staged
from weft.linter.facts.follow.awaiting import awaited
from weft.linter.facts.follow.barriers import note_order, take_on, with_lineage
from weft.linter.facts.follow.calls import each_way
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.races import forget_races, settled
from weft.linter.facts.follow.sequences import handed_on, listing, sequence
from weft.linter.facts.follow.walking import branches, varying
from weft.linter.facts.repeating import FanOut, Loop
from weft.linter.record import replace

__all__ = ["each_branch", "gather", "parallel", "pipeline"]

Follow = Callable[[Machine, Value], tuple[Value, Amount]]
"""Follows a branch; returns its result, and how many agents it starts at least."""
Kind = Literal["parallel", "pipeline"]


def parallel(m: Machine, call: Call) -> Value:
    """Follow `parallel(branches)`, which begins when it is awaited."""
    items = _items(m, call)
    for part in items.parts:
        if isinstance(part.element, Coroutine):
            m.consume(part.element)
    raises = _given(call.keywords.get("fail_fast"))
    gathers = raises or _given(call.keywords.get("quorum"))
    failed = Lack(f"a branch of the parallel at line {call.node.lineno} can fail", call.node.lineno)

    def branch(machine: Machine, value: Value) -> tuple[Value, Amount]:
        before = machine.state.cost
        begun = machine.apply(value, call.node) if isinstance(value, CALLABLE) else value
        result = _settled(machine, begun, call.at(0))
        on_purpose = None if result.lack is None else UNEXPLAINED
        return named(result, lack=on_purpose if raises else failed), _since(machine, before)

    def start(machine: Machine) -> Value:
        return _fan_out(machine, call, items, branch, FanOut(call.node, "parallel", items, 1, gathers))

    return m.coroutine(call.node, "parallel", start)


def pipeline(m: Machine, call: Call) -> Value:
    """Follow `pipeline(items, *stages)`, which begins when it is awaited."""
    items, stages = _items(m, call), call.args[1:]
    for stage in stages:
        m.consume(stage)  # one that is called instead of given is told as such
    dropped = Lack(f"an item of the pipeline at line {call.node.lineno} can be dropped", call.node.lineno)
    index = Number(low=ZERO, high=count(items.parts).high)
    lists = of_whole(items.marks)

    def run(machine: Machine, item: Value) -> tuple[Value, Amount]:
        before, low, sure = machine.state.cost, ZERO, True
        own, item = item.root or item, varying(marked(item, lists), call.node)
        value = item = item if isinstance(item, Listing) else replace(item, root=own)
        for position, stage in enumerate(stages, start=1):
            dropped_before = isinstance(value, Nothing)
            value = value if dropped_before or value.lack is None else named(value, lack=None)
            given = (ANY if dropped_before else value, item, index)[: _wanted(stage)]
            value = _settled(machine, machine.apply(stage, call.node, *given), call.node)
            if not dropped_before:
                machine.note(Staged(call.node, call.at(position), stage, value, position == len(stages)))
            value = varying(value, call.node)
            low = _since(machine, before) if sure else low
            sure = sure and value.lack is None
        return value if isinstance(value, Nothing) else named(value, lack=dropped), low

    def start(machine: Machine) -> Value:
        return _fan_out(machine, call, items, run, FanOut(call.node, "pipeline", items, len(stages), False))

    return m.coroutine(call.node, "pipeline", start)


def each_branch(m: Machine, call: Call, name: str, items: Listing, begin: Callable[[Machine, Value], Value]) -> Value:
    """Follow a primitive that does something for each item at the same time, and has to wait for all."""
    failed = Lack(f"a branch of the {name} at line {call.node.lineno} can fail", call.node.lineno)

    def branch(machine: Machine, value: Value) -> tuple[Value, Amount]:
        before = machine.state.cost
        result = _settled(machine, begin(machine, value), call.node)
        return named(result, lack=failed), _since(machine, before)

    def start(machine: Machine) -> Value:
        return _fan_out(machine, call, items, branch, FanOut(call.node, "pipeline", items, 1, True))

    return m.coroutine(call.node, name, start)


def gather(m: Machine, call: Call) -> Value:
    """Follow `asyncio.gather(*branches)` as the fan-out that it is meant to be."""
    items = listing(m, call.node, *_separate(m, call))
    return parallel(m, Call(call.node, (items,), {"fail_fast": Bool(const=True)}))


def _separate(m: Machine, call: Call) -> Iterator[Part]:
    """Yield branches that are written as arguments of their own."""
    yield from (Part(EXACTLY_ONE, value) for value in call.args)
    yield from call.more


def _items(m: Machine, call: Call) -> Listing:
    value = call.argument(0)
    if value is None or isinstance(value, Coroutine):
        return listing(m, call.node, *_separate(m, call))
    items = with_lineage(m, sequence(m, value, call.at(0), "fanning out over it"))
    note_order(m, value.marks | items.marks, call.node)
    return items


def _given(option: Value | None) -> bool:
    absent = option is None or isinstance(option, Nothing)
    return not absent and not (isinstance(option, Bool) and option.const is False)


def _settled(m: Machine, value: Value, node: ast.expr) -> Value:
    """Return what a branch or stage comes to: what it returns is awaited once if it can be."""
    if not isinstance(value, Coroutine) and Mark("holds", CODE) not in value.marks:
        return value
    m.consume(value)
    otherwise = value.otherwise if isinstance(value, Coroutine) else None
    if value.lack is None and otherwise is None:
        return awaited(m, value, node)
    there = replace(value, lack=None)  # what is `None` or data instead is not awaited, and starts nobody
    ways: list[Callable[[], Value]] = [partial(awaited, m, there, node)]
    if value.lack is not None:
        ways.append(partial(Nothing, lack=value.lack))
    if otherwise is not None:
        ways.append(lambda: otherwise)
    return each_way(m, ways)


def _wanted(stage: Value) -> int:
    """Return how many of value, item and index a stage is called with."""
    match stage:
        case Function():
            return _required(_positional(stage), stage)
        case Partial(inner=Function() as inner, args=args, keywords=keywords):
            given = {*keywords, *_positional(inner)[: len(args)]}
            return _required([name for name in _positional(inner) if name not in given], inner)
        case Either(options=options):
            return _wanted(options[0])
    return 1


def _positional(stage: Function) -> list[str]:
    names = [parameter.arg for parameter in (*stage.node.args.posonlyargs, *stage.node.args.args)]
    return names[1:] if stage.bound is not None else names


def _required(names: list[str], stage: Function) -> int:
    if stage.node.args.vararg is not None:
        return 3
    required = sum(name not in stage.defaults for name in names)
    return required or min(len(names), 1)


def _fan_out(m: Machine, call: Call, items: Listing, follow: Follow, fanout: FanOut) -> Value:
    """Follow all branches, and return their results."""
    result = listing(m, call.node)
    fanout.place, fanout.loops, fanout.limit = m.place(), tuple(m.loops), call.keywords.get("limit")
    parts: list[Part] = []
    leasts: list[Amount] = []
    before = dict(m.state.cells)
    for part in items.parts:
        alone = part.count == EXACTLY_ONE and len(items.parts) > 1
        value, low, each = _alone(m, part, follow, fanout) if alone else _together(m, call, part, follow, fanout)
        fanout.each, fanout.gives = maximum(fanout.each, each), value
        leasts.append(low)
        parts.append(Part(part.count, handed_on(value, fanout, result.birth)))
    parts = [replace(part, element=settled(m, part.element, fanout)) for part in parts]
    forget_races(m, fanout)
    _keep_apart(m, before, fanout)
    fanout.least = reduce(lowest, leasts) if leasts else ZERO
    m.note(fanout)
    _note_waves(m, fanout)
    take_on(m, replace(items, marks=items.marks | fanout.takes), fanout.node, fanout.kind)
    marks = {mark for mark in items.marks if mark.kind == "order"} | {Mark("mapped", fanout)}
    apart = _made_by_each(m, parts, before.values())
    result = replace(result, parts=tuple(parts), marks=frozenset(marks), along=items.positions, thinned=items.thinned)
    return replace(result, apart=apart)


def _made_by_each(m: Machine, parts: Iterable[Part], before: Iterable[Value]) -> bool:
    """Tell whether each branch has made all containers in its result, or got them as an answer, which nothing holds."""
    inside = frozenset[Birth]().union(*(births_in(part.element) for part in parts))
    alone = all(birth.promised is not None or birth.branches > len(m.branches) for birth in inside)
    return alone and (not inside or all(births_in(value).isdisjoint(inside) for value in before))


def _keep_apart(m: Machine, before: Mapping[Cell, Value], fanout: FanOut) -> None:
    """Mark what branches keep on objects of which there are many: what each has rests on its own branch."""
    spend(1 + len(m.state.cells) // 8)
    own = frozenset((Mark("element", fanout),))
    for cell, value in m.state.cells.items():
        if isinstance(cell[0], Birth) and cell[0].loops != tuple(m.loops) and before.get(cell) is not value:
            m.state.cells[cell] = also(value, own)


def _alone(m: Machine, part: Part, follow: Follow, fanout: FanOut) -> tuple[Value, Amount, Amount]:
    """Follow the one branch of a stretch; return its result and how many agents it starts, at least and at most."""
    before = m.state.cost
    with m.branching(fanout, alone=True):
        value, low = follow(m, part.element)
    return value, low, agents(m.state.cost[len(before) :])


def _together(m: Machine, call: Call, part: Part, follow: Follow, fanout: FanOut) -> tuple[Value, Amount, Amount]:
    """Follow the branches of a stretch; return what any gives and how many agents it starts, at least and at most."""
    held: list[tuple[Value, Amount]] = [(ANY, ZERO)]
    text = f"{fanout.kind} over {_named(call)}"

    def refit(ends: Ends) -> None:
        value, low = held[-1]
        held.append((ends.fit(value), low))

    loop = branches(m, fanout, fanout.items, part, partial(_hold, m, follow, held), text, refit)
    fanout.takes |= {mark for mark in loop.walked if mark.kind == "mapped"}
    return *held[-1], loop.agents or ZERO


def _since(m: Machine, before: Costs) -> Amount:
    """Return how many agents were started at least since this was all."""
    return least(m.state.cost[len(before) :])


def _hold(m: Machine, follow: Follow, held: list[tuple[Value, Amount]], value: Value) -> None:
    held.append(follow(m, value))


def _named(call: Call) -> str:
    """Return what a fan-out walks, in the words of the harness."""
    written = call.at(0)
    if isinstance(written, (ast.ListComp, ast.GeneratorExp)):
        written = written.generators[-1].iter
    text = unparsed(written)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _note_waves(m: Machine, fanout: FanOut) -> None:
    """Take note that a loop fans out over one piece of a list after the other, or takes piece by piece off a list."""
    for symbol in fanout.width.symbols():
        if isinstance(symbol.owner, Loop) and symbol.total is not None:
            symbol.owner.waves.append(fanout)
    marks = fanout.items.marks
    taken = Mark("earlier", m.loops[-1]) in marks if m.loops else False
    if taken and m.loops[-1].kind in ("for", "while") and not about(marks, *FROM_AGENTS):
        m.loops[-1].waves.append(fanout)
