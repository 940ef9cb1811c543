"""What asking agents does: `agent`, and what every primitive shares that starts some. The others are next door."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from itertools import product

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, endless, number
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.cost import Agents, Costs, started
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval
from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks, about
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.schema import Schema, schema_of
from weft.linter.facts.domain.sizes import tokens_in
from weft.linter.facts.domain.values import Bool, Dict, Field, Lack, Listing, Nothing, Number, Part, Text, Value, named
from weft.linter.facts.events import Asked
from weft.linter.facts.follow.expressions import constant as literal
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.seen import show
from weft.linter.facts.known.acting import acts, spawns
from weft.linter.facts.known.counting import as_count
from weft.linter.facts.readings import SchemaGiven

__all__ = ["OUTPUT_TOKENS", "agent", "asks", "noted", "per_call", "promised", "record", "shown", "written_as"]

OUTPUT_TOKENS = 8_000
"""What an agent without `max_tokens` is taken to put out at most; a ceiling is a ceiling only under this assumption."""

TOOLS_TOKENS = 200_000
"""What an agent with tools is taken to use at most, all its turns together."""


def agent(m: Machine, call: Call) -> Value:
    """Follow `agent(prompt)`, which begins when it is awaited."""
    marks = shown(m, call)
    line = call.node.lineno
    critical = call.keywords.get("critical")
    lack = (
        None
        if isinstance(critical, Bool) and critical.const is True
        else Lack(f"the agent at line {line} can fail", line)
    )
    cost = (started(line, _label(call), each=_tokens(call)), *_below(call))
    effect = acts(call)
    note = noted(m, "agent", call)

    def start(machine: Machine) -> Value:
        note(machine)
        machine.state.cost += cost
        if effect:
            machine.acted += 1
            machine.act()
        return _answer(call, machine, lack, marks)

    return m.coroutine(call.node, "agent", start)


def _below(call: Call) -> Costs:
    """Return the cost of the agents that an agent may ask itself.

    Where the tools do not show here that it may, it can ask as many as the call says: none, if that says nothing.
    """
    line, most, what = call.node.lineno, call.keywords.get("spawns"), f"below {_label(call)}"
    if most is not None and not isinstance(most, Nothing):
        return (started(line, what, Interval(ZERO, as_count(most).high), number(TOOLS_TOKENS)),)
    if not spawns(call):
        return ()
    why = f"the agent at line {line} asks as many others as it wants"
    return (started(line, what, Interval(ZERO, endless(Reason(line, why, "give it spawns=N", "agents", "spawned")))),)


def shown(m: Machine, call: Call) -> Marks:
    """Take note of all that agents are given, and return the marks of what they answer."""
    marks = NO_MARKS
    for index, value in enumerate(call.args):
        m.misuse(value, "given to an agent")
        marks |= show(m, value, call.at(index))
    for name, value in call.keywords.items():
        if name not in ("key", "by"):
            marks |= show(m, value, call.keyword(name) or call.node)
    return answered(marks | m.state.control, call.node)


def answered(shown: Marks, node: ast.Call) -> Marks:
    """Return the marks of an answer about values with these marks."""
    judged = {Mark("judged", memory) for memory in about(shown, "passed", "judged", "weeded")}
    items = {mark for mark in shown if mark.kind == "item"}
    return frozenset({Mark("answer", "agent"), Mark("says", node), *judged, *items})


def noted(m: Machine, name: str, call: Call) -> Callable[[Machine], None]:
    """Return what notes, once the call begins, that agents are asked."""
    made, control, place = tuple(m.loops), m.state.control, m.place()
    given = {**dict(zip(("prompt",), call.args, strict=False)), **call.keywords}
    marks = {option: deep_marks(value) for option, value in given.items()}

    def note(machine: Machine) -> None:
        machine.rest(control.union(*marks.values()), "waited", "filled")  # the call may have been made long before
        inside = tuple(branch.fanout for branch in machine.branches)
        single = {branch.fanout: branch for branch in machine.branches if branch.alone}
        machine.note(Asked(name, call, made, tuple(machine.loops), control, inside, single, place, marks))

    return note


def _answer(call: Call, m: Machine, lack: Lack | None, marks: Marks) -> Value:
    isolation = call.keywords.get("isolation")
    if isolation is None or isinstance(isolation, Nothing):
        return _told(call, m, lack, marks)
    there = named(_told(call, m, None, marks), lack=None)
    parts = {
        "branch": Text(marks=marks),
        "patch": Text(marks=marks),
        "files": named(promised({"type": "array", "items": {"type": "string"}}, "files"), marks=marks),
    }
    fields = {name: Field(value) for name, value in {**parts, "result": there}.items()}
    return Dict(fields=fields, birth=m.birth(call.node), lack=lack, marks=marks)


def _told(call: Call, m: Machine, lack: Lack | None, marks: Marks) -> Value:
    """Return what an agent says, by the schema that it was given."""
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


def asks(m: Machine, call: Call, cost: Agents, gives: Callable[[Machine, Marks], Value]) -> Value:
    """Follow a primitive that, when it is awaited, starts so many agents; what it gives has the marks of an answer."""
    name = cost.text.partition(",")[0]
    marks, note = shown(m, call), noted(m, name, call)

    def start(machine: Machine) -> Value:
        note(machine)
        machine.state.cost += (cost,)
        return gives(machine, marks)

    return m.coroutine(call.node, name, start)


def per_call(row: Callable[..., int], *sizes: Amount) -> Amount:
    """Return what a row of the table of costs comes to for sizes that may be formulas; it is linear in each of them."""
    total = ZERO
    for powers in product((0, 1), repeat=len(sizes)):
        below = product(*((0, 1) if power else (0,) for power in powers))
        coefficient = sum((-1) ** (sum(powers) - sum(corner)) * row(*corner) for corner in below)
        term = number(coefficient)
        for size, power in zip(sizes, powers, strict=True):
            term = term * size if power else term
        total = total + term
    return total


def promised(schema: Mapping[str, object], name: str) -> Value:
    """Return the value that a schema promises which is not of the harness; numbers in it may be formulas."""
    node = written_as(schema)
    assert isinstance(node, Dict)  # it is written as one
    return Schema(node, node, name).promised()


def record(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the schema of a record that has all these fields."""
    return {"type": "object", "properties": dict(fields), "required": list(fields)}


def written_as(value: object) -> Value:
    """Return a literal as a value of the analysis."""
    if isinstance(value, Value):
        return value
    if isinstance(value, dict):
        return Dict(fields={key: Field(written_as(inner)) for key, inner in value.items()}, birth=Birth(0))
    if isinstance(value, list):
        return Listing(parts=tuple(Part(EXACTLY_ONE, written_as(inner)) for inner in value), birth=Birth(0))
    return literal(value)
