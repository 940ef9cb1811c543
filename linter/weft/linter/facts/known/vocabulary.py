"""What the primitives of the language do."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Literal

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, number, tree
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.cost import Agents, started
from weft.linter.facts.domain.holding import ANY, anything
from weft.linter.facts.domain.intervals import Interval, some
from weft.linter.facts.domain.joins import count, element, lowest
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, about, derived
from weft.linter.facts.domain.schema import Schema, schema_of
from weft.linter.facts.domain.sizes import tokens_in
from weft.linter.facts.domain.values import (
    UNEXPLAINED,
    Bool,
    Dict,
    Lack,
    Listing,
    Nothing,
    Number,
    Part,
    Round,
    Seen,
    Text,
    Value,
    constant,
    marked,
    named,
)
from weft.linter.facts.events import Asked, SchemaGiven, Told, Verified
from weft.linter.facts.follow.attributes import spent
from weft.linter.facts.follow.entries import entry
from weft.linter.facts.follow.expressions import constant as literal
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.seen import show
from weft.linter.facts.follow.sequences import copied, listing, sequence, taken
from weft.linter.facts.follow.walking import applied
from weft.linter.facts.known.acting import acts
from weft.linter.facts.known.containers import Method
from weft.linter.facts.known.counting import Handler, as_count, first, flattened
from weft.linter.facts.known.fanouts import gather, parallel, pipeline
from weft.linter.facts.known.hosting import ask, tool
from weft.linter.facts.known.iterating import capped
from weft.linter.facts.known.keys import keyed, sifted_from
from weft.linter.facts.known.written import json_value
from weft.primitives.language import DEFAULT_FAN_IN, DEFAULT_LENSES

__all__ = ["METHODS_OF_PRIMITIVES", "VOCABULARY"]

OUTPUT_TOKENS = 8_000
"""What an agent without `max_tokens` is taken to put out at most; a ceiling is a ceiling only under this assumption."""

TOOLS_TOKENS = 200_000
"""What an agent with tools is taken to use at most, all its turns together."""


def _agent(m: Machine, call: Call) -> Value:
    """Follow `agent(prompt)`, which begins when it is awaited."""
    marks = _shown(m, call)
    line = call.node.lineno
    critical = call.keywords.get("critical")
    lack = (
        None
        if isinstance(critical, Bool) and critical.const is True
        else Lack(f"the agent at line {line} can fail", line)
    )
    cost = started(line, _label(call), each=_tokens(call))
    effect = acts(call)
    note = _noted(m, "agent", call)

    def start(machine: Machine) -> Value:
        note(machine)
        machine.state.cost += (cost,)
        if effect:
            machine.acted += 1
            machine.act()
        return _answer(call, machine, lack, marks)

    return m.coroutine(call.node, "agent", start)


def _shown(m: Machine, call: Call) -> Marks:
    """Take note of all that agents are given, and return the marks of what they answer."""
    marks = NO_MARKS
    for index, value in enumerate(call.args):
        m.misuse(value, "given to an agent")
        marks |= show(m, value, call.at(index))
    for name, value in call.keywords.items():
        if name not in ("key", "by"):
            marks |= show(m, value, call.keyword(name) or call.node)
    return _answered(marks | m.state.control, call.node)


def _answered(shown: Marks, node: ast.Call) -> Marks:
    """Return the marks of an answer about values with these marks."""
    judged = {Mark("judged", memory) for memory in about(shown, "passed", "judged")}
    items = {mark for mark in shown if mark.kind == "item"}
    return frozenset({Mark("answer", "agent"), Mark("says", node), *judged, *items})


def _noted(m: Machine, name: Literal["agent", "verify", "synthesize"], call: Call) -> Callable[[Machine], None]:
    """Return what notes, once the call begins, that agents are asked."""
    made, control = tuple(m.loops), m.state.control
    given = {**dict(zip(("prompt",), call.args, strict=False)), **call.keywords}
    marks = {option: deep_marks(value) for option, value in given.items()}

    def note(machine: Machine) -> None:
        machine.note(Asked(name, call, made, tuple(machine.loops), control, machine.inside, marks))

    return note


def _answer(call: Call, m: Machine, lack: Lack | None, marks: Marks) -> Value:
    given = call.keywords.get("schema")
    if given is None or isinstance(given, Nothing):
        return Text(lack=lack, marks=marks, tokens=_output(call), said=True, whole=True)
    name = m.dict_names.get(given.node, "") if isinstance(given, Dict) and given.node is not None else ""
    name = name or _written(call)
    if isinstance(given, Dict):
        m.note(SchemaGiven(given, name, call.keyword("schema") or call.node))
    schema = schema_of(given, name)
    value = schema.promised() if schema is not None else anything("its schema is not known")
    return named(value, lack=lack, marks=marks)


def _written(call: Call) -> str:
    written = call.keyword("schema")
    return written.id if isinstance(written, ast.Name) else f"the schema at line {call.node.lineno}"


def _output(call: Call) -> Amount:
    most = call.keywords.get("max_tokens")
    return as_count(most).high if isinstance(most, Number) and not most.high.reasons else number(OUTPUT_TOKENS)


def _tokens(call: Call) -> Amount:
    tools = call.keywords.get("tools")
    if isinstance(tools, Listing) and tools.parts:
        return number(TOOLS_TOKENS)
    shown = sum(
        (tokens_in(value) for value in (*call.args, *(call.keywords.get(k) or Text(const="") for k in ("context",)))),
        ZERO,
    )
    retries = as_count(call.keywords.get("retries") or literal(0))
    return (ONE + retries.high) * (shown + _output(call))


def _label(call: Call) -> str:
    label = call.keywords.get("label")
    return f"agent {label.const}" if isinstance(label, Text) and label.const else "agent"


# Verification and merging


def _verdict(lenses: Interval) -> Schema:
    vote = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("lens", "verdict", "reason")}
        | {"evidence": {}, "touched": {}},
        "required": ["lens", "verdict", "reason", "evidence", "touched"],
    }
    size = {"minItems": Number(low=lenses.low, high=lenses.high), "maxItems": Number(low=lenses.low, high=lenses.high)}
    written = {
        "type": "object",
        "properties": {
            "survives": {"type": "boolean"},
            "votes": {"type": "array", "items": vote, **size},
            "independence": {"type": "number"},
        },
        "required": ["survives", "votes", "independence"],
    }
    node = json_value(written)
    assert isinstance(node, Dict)  # it is written as one
    return Schema(node, node, "the verdict of verify()")


def _verify(m: Machine, call: Call) -> Value:
    marks, line = _shown(m, call) | {Mark("answer", call.node)}, call.node.lineno
    shown = frozenset[Mark]().union(*(deep_marks(value) for value in call.args))
    lenses = call.keywords.get("lenses")
    size = _many(m, lenses, call, len(DEFAULT_LENSES))
    if call.named is not None:
        size = some("the lenses are not known", line)
    text = f"verify, {size.high.text()} lenses"
    cost = Agents(
        line, text, size.low, size.high, sum((tokens_in(value) for value in call.args), number(OUTPUT_TOKENS))
    )
    note = _noted(m, "verify", call)

    def start(machine: Machine) -> Value:
        note(machine)
        machine.state.cost += (cost,)
        fanouts = tuple(branch.fanout for branch in machine.branches)
        if about(shown.union(*(deep_marks(fanout.items) for fanout in fanouts)), "answer"):
            passed = about(shown, "passed", "judged")
            machine.note(Verified(call.node, passed, fanouts, tuple(machine.loops)))
        return named(_verdict(size).promised(), marks=marks)

    return m.coroutine(call.node, "verify", start)


def _many(m: Machine, value: Value | None, call: Call, default: int) -> Interval:
    if value is None:
        return Interval(number(default), number(default))
    return count(sequence(m, value, call.node).parts)


def _synthesize(m: Machine, call: Call) -> Value:
    marks, line = _shown(m, call), call.node.lineno
    source = first(m, call, "synthesize()")
    size, fan_in = count(source.parts), as_count(call.keywords.get("fan_in") or literal(DEFAULT_FAN_IN)).exact
    width = fan_in if fan_in is not None and fan_in > 1 else 2
    item = element(source)
    shown = number(width) * (ZERO if item is None else tokens_in(item)) + number(OUTPUT_TOKENS)
    text = f"synthesize, {size.high.text()} items"
    cost = Agents(line, text, tree(size.low, width), tree(size.high, width), shown)
    lack = Lack(f"the synthesis at line {line} can fail", line)
    note = _noted(m, "synthesize", call)

    def start(machine: Machine) -> Value:
        note(machine)
        machine.state.cost += (cost,)
        return Text(lack=lack, marks=marks, tokens=number(OUTPUT_TOKENS), said=True, whole=True)

    return m.coroutine(call.node, "synthesize", start)


def _workflow(m: Machine, call: Call) -> Value:
    name, given = constant(call.argument(0, "name")), call.argument(1, "args")
    _shown(m, call)

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
    parts = tuple(Part(Interval(lowest(part.count.low, ONE), part.count.high), part.element) for part in source.parts)
    unique = copied(m, source, call.node, parts=parts, marks=derived(source.marks))
    passed = frozenset((Mark("passed", unique.birth),))
    return replace(unique, parts=tuple(replace(part, element=marked(part.element, passed)) for part in unique.parts))


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
    return every if item is None else copied(m, every, call.node, parts=(Part(Interval(ZERO, high), item),))


def _top(m: Machine, call: Call) -> Value:
    source = first(m, call, "top_k()")
    m.look(source.marks)
    by = call.argument(2, "by")
    if source.parts and by is not None:
        item = m.require(taken(m, source), call.at(0), "top_k()")
        if isinstance(by, Text) and isinstance(item, Dict):
            entry(m, item, by, call.keyword("by") or call.node)
        elif not isinstance(by, Text):
            applied(m, by, call.node, source)
    return capped(m, call, source, as_count(call.argument(1, "k")).high)


def _sample(m: Machine, call: Call) -> Value:
    source = first(m, call, "sample()")
    m.look(source.marks)
    return capped(m, call, source, as_count(call.argument(1, "k")).high)


def _ranked(m: Machine, call: Call) -> Value:
    """Follow `judge`, which this version does not offer: a panel that ranks all candidates."""
    judges = as_count(call.keywords.get("judges") or literal(3))
    source = first(m, call, "judge()")
    _shown(m, call)
    cost = started(call.node.lineno, "judge", Interval(judges.low or ZERO, judges.high))

    def start(machine: Machine) -> Value:
        machine.state.cost += (cost,)
        return copied(machine, source, call.node, marks=derived(source.marks))

    return m.coroutine(call.node, "judge", start)


def _planned(name: str, agents: int, m: Machine, call: Call) -> Value:
    """Follow a primitive that this version does not offer."""
    _shown(m, call)

    def start(machine: Machine) -> Value:
        if agents:
            machine.state.cost += (started(call.node.lineno, name),)
        return ANY if agents == 0 else Text(lack=UNEXPLAINED)

    return m.coroutine(call.node, name, start)


def _similar(m: Machine, call: Call) -> Value:
    """Follow `semantic_dedup`, which this version does not offer: it starts no agents."""
    source = first(m, call, "semantic_dedup()")
    m.look(source.marks)
    return m.coroutine(call.node, "semantic_dedup", lambda machine: _dedup(machine, Call(call.node, call.args[:1])))


# Progress


def _said(m: Machine, call: Call) -> Value:
    """Follow `phase`, `log`, `finding` and `understood`: what is only shown decides nothing."""
    for value in call.args:
        m.misuse(value, "put into a text")
    return Nothing(lack=UNEXPLAINED)


def _now(m: Machine, call: Call) -> Value:
    return Text(tokens=number(8))


def _spent(m: Machine, target: Value, call: Call) -> Value:
    return spent(target)


def _found(m: Machine, target: Value, call: Call) -> Value:
    assert isinstance(target, Round)  # the table is keyed by kind
    if call.args:
        m.misuse(call.args[0], "reported")
        told = m.require(call.args[0], call.at(0), "round.found()")
        m.look(deep_marks(told))
        if isinstance(told, Listing):
            new = tuple(sifted_from(m, told.birth))
            m.note(Told(call.at(0), target.loop, count(told.parts).high, tuple(m.loops), new))
    m.state.told |= {target.loop}
    return Nothing(lack=UNEXPLAINED)


VOCABULARY: Mapping[str, Handler] = {
    "weft.agent": _agent,
    "weft.parallel": parallel,
    "asyncio.gather": gather,
    "weft.pipeline": pipeline,
    "weft.workflow": _workflow,
    "weft.verify": _verify,
    "weft.synthesize": _synthesize,
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
    "weft.judge": _ranked,
    "weft.semantic_dedup": _similar,
    "weft.critique": partial(_planned, "critique", 1),
    "weft.tool": tool,
    "weft.ask": ask,
}

METHODS_OF_PRIMITIVES: Mapping[str, Method] = {
    "budget.spent": _spent,
    "budget.remaining": _spent,
    "Round.found": _found,
}
