"""What the primitives of the language do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from weft.linter.facts.domain.amounts import ZERO, number
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import count, element
from weft.linter.facts.domain.marks import TESTED, about, derived
from weft.linter.facts.domain.values import (
    UNEXPLAINED,
    Budget,
    Listing,
    Nothing,
    Part,
    Round,
    Seen,
    Text,
    Value,
    constant,
)
from weft.linter.facts.events import Cut, Told
from weft.linter.facts.follow.attributes import spent
from weft.linter.facts.follow.expressions import constant as literal
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.memories import once_each
from weft.linter.facts.follow.sequences import copied, distinct, listing
from weft.linter.facts.known.allotting import allot
from weft.linter.facts.known.asking import agent, shown
from weft.linter.facts.known.containers import Method
from weft.linter.facts.known.conversing import debate, reflect, swarm
from weft.linter.facts.known.counting import Handler, as_count, first, flattened
from weft.linter.facts.known.fanouts import gather, parallel, pipeline
from weft.linter.facts.known.hosting import ask, tool
from weft.linter.facts.known.iterating import capped, ranked
from weft.linter.facts.known.keys import keyed, read_by, sifted_from
from weft.linter.facts.known.likeness import clusters_of, semantic_dedup
from weft.linter.facts.known.merging import synthesize
from weft.linter.facts.known.panels import critique, judge
from weft.linter.facts.known.routing import route
from weft.linter.facts.known.verifying import verify
from weft.linter.facts.readings import BudgetAsked, Reported
from weft.linter.record import replace

__all__ = ["METHODS_OF_PRIMITIVES", "VOCABULARY"]


def _workflow(m: Machine, call: Call) -> Value:
    name, given = constant(call.argument(0, "name")), call.argument(1, "args")
    shown(m, call)

    def start(machine: Machine) -> Value:
        return machine.saved(
            machine, name if isinstance(name, str) else None, given or Nothing(lack=UNEXPLAINED), call.node
        )

    return m.coroutine(call.node, "workflow", start)


# Loops


def _rounds(helper: str, m: Machine, call: Call) -> Value:
    most = as_count(call.keywords.get("max_rounds"))
    part = Part(Interval(ZERO, most.high), Round(loop=None, helper=helper))
    return listing(m, call.node, part, kind="rounds")


# Lists


def _seen(m: Machine, call: Call) -> Value:
    return Seen(birth=m.birth(call.node), key=call.argument(0, "key"))


def _keyed(m: Machine, call: Call, source: Listing) -> None:
    keyed(m, call.keywords.get("key") or call.argument(1), call, source)


def _dedup(m: Machine, call: Call) -> Value:
    source = first(m, call, "dedup()")
    m.look(source.marks)
    _keyed(m, call, source)
    read_by(m, call.keywords.get("keep"), call, source, "dedup()", option="keep")
    parts = distinct(source.parts, known=len(call.args) == 1 and "key" not in call.keywords)
    kept = once_each(copied(m, source, call.node, parts=parts, marks=derived(source.marks)))
    return replace(kept, told={"clusters": clusters_of(m, kept, call)})


def _union(m: Machine, call: Call) -> Value:
    source = first(m, call, "union()")
    m.look(source.marks)
    parts = tuple(Part(part.count, replace(part.element, lack=None, root=None)) for part in source.parts)
    return flattened(m, replace(source, parts=parts, root=None), call.at(0), whole=True)


def _quorum(m: Machine, call: Call) -> Value:
    every = _union(m, call)
    assert isinstance(every, Listing)
    _keyed(m, Call(call.node, call.args[:1], call.keywords), every)
    least = as_count(call.keywords.get("at_least") or literal(2)).exact or 1
    size, item = count(every.parts), element(every)
    most = size.high.constant
    high = size.high if most is None or least < 1 else number(most // least)
    if item is None:
        return every
    return once_each(copied(m, every, call.node, parts=(Part(Interval(ZERO, high), item),)))


def _top(m: Machine, call: Call) -> Value:
    source = first(m, call, "top_k()")
    m.look(source.marks)
    read_by(m, call.argument(2, "by"), call, source, "top_k()")
    ranked(m, call, source)
    top = capped(m, call, source, as_count(call.argument(1, "k")).high)
    m.note(Cut(call.node, source, top.birth))
    return top


def _sample(m: Machine, call: Call) -> Value:
    source = first(m, call, "sample()")
    m.look(source.marks)
    return capped(m, call, source, as_count(call.argument(1, "k")).high)


# Progress


def _said(m: Machine, call: Call) -> Value:
    """Follow `phase`, `log`, `finding` and `understood`: what is only shown decides nothing."""
    for value in call.args:
        m.misuse(value, "put into a text")
    return Nothing(lack=UNEXPLAINED)


def _now(m: Machine, call: Call) -> Value:
    return Text(tokens=number(8))


_READ_IN: Mapping[object, Budget] = {unit: Budget(unit=unit) for unit in ("usd", "tokens")}


def _reading(m: Machine, target: Value, call: Call) -> Value:
    unit = call.argument(0, "unit")
    m.note(BudgetAsked(call.node, unit))
    return replace(spent(target), measures=None if unit is None else _READ_IN.get(constant(unit)))


def _found(m: Machine, target: Value, call: Call) -> Value:
    assert isinstance(target, Round)  # the table is keyed by kind
    if call.args:
        m.misuse(call.args[0], "reported")
        told = m.require(call.args[0], call.at(0), "round.found()")
        m.look(deep_marks(told))
        m.note(Reported(call.at(0), told))
        if isinstance(told, Listing):
            new = tuple(sifted_from(m, told.birth))
            marks = deep_marks(told)
            own = any(_outlives(one, target.loop) for one in about(marks, "memory", *TESTED))
            said = frozenset[object]() if own else about(marks, "says")
            m.note(Told(call.at(0), target.loop, count(told.parts).high, tuple(m.loops), new, said, told.birth))
    m.state.told |= {target.loop}
    return Nothing(lack=UNEXPLAINED)


def _outlives(memory: object, loop: object) -> bool:
    """Tell whether a memory was made before the rounds of a loop."""
    return not isinstance(memory, Birth) or loop not in memory.loops


VOCABULARY: Mapping[str, Handler] = {
    "weft.agent": agent,
    "weft.parallel": parallel,
    "asyncio.gather": gather,
    "weft.pipeline": pipeline,
    "weft.workflow": _workflow,
    "weft.verify": verify,
    "weft.synthesize": synthesize,
    "weft.until_dry": partial(_rounds, "until_dry"),
    "weft.until_target": partial(_rounds, "until_target"),
    "weft.while_budget": partial(_rounds, "while_budget"),
    "weft.Seen": _seen,
    "weft.dedup": _dedup,
    "weft.union": _union,
    "weft.quorum": _quorum,
    "weft.top_k": _top,
    "weft.sample": _sample,
    "weft.phase": _said,
    "weft.log": _said,
    "weft.finding": _said,
    "weft.understood": _said,
    "weft.now": _now,
    "weft.judge": judge,
    "weft.critique": critique,
    "weft.reflect": reflect,
    "weft.debate": debate,
    "weft.swarm": swarm,
    "weft.route": route,
    "weft.allot": allot,
    "weft.semantic_dedup": semantic_dedup,
    "weft.tool": tool,
    "weft.ask": ask,
}

METHODS_OF_PRIMITIVES: Mapping[str, Method] = {
    "budget.total": _reading,
    "budget.spent": _reading,
    "budget.remaining": _reading,
    "Round.found": _found,
}
