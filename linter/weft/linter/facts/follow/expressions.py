"""What expressions give: constants, names, operators, conditions, displays, texts. Calls and loops are next door."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from math import ceil, floor
from typing import Any

from weft.linter.effort import unparsed
from weft.linter.facts.domain import truth as truths
from weft.linter.facts.domain.amounts import LONGEST, ONE, ZERO, number
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Either
from weft.linter.facts.domain.contained import contents, deep_marks
from weft.linter.facts.domain.given import as_listing
from weft.linter.facts.domain.holding import ANY, IMPOSSIBLE, anything
from weft.linter.facts.domain.intervals import EXACTLY_ONE
from weft.linter.facts.domain.joins import joined
from weft.linter.facts.domain.marks import Mark, Marks, Piece, derived, reduced, steering
from weft.linter.facts.domain.meeting import given_at, join
from weft.linter.facts.domain.sizes import characters, composed, tokens_in
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.truth import both, certain, truth
from weft.linter.facts.domain.values import (
    UNEXPLAINED,
    Bool,
    Dict,
    Field,
    Given,
    Kind,
    Lack,
    Listing,
    Nothing,
    Number,
    Part,
    Text,
    Value,
    asked,
    marked,
    named,
)
from weft.linter.facts.domain.values import constant as known_constant
from weft.linter.facts.events import Cut, TextWithAddress
from weft.linter.facts.follow.arithmetic import calculated, inverted, negated
from weft.linter.facts.follow.assignment import gathered
from weft.linter.facts.follow.attributes import lacks
from weft.linter.facts.follow.awaiting import evaluate_await
from weft.linter.facts.follow.calls import closure, evaluate_call
from weft.linter.facts.follow.classes import special, unnamed
from weft.linter.facts.follow.comparing import comparison
from weft.linter.facts.follow.entries import item, merged_dicts, with_entry
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.sequences import appended, distinct, filled_by_pairs, handed_on, listing, sequence
from weft.linter.facts.follow.slices import sliced
from weft.linter.facts.follow.totals import begun
from weft.linter.facts.follow.walking import comprehension, dict_comprehension
from weft.linter.facts.readings import NotARecord
from weft.linter.record import replace

__all__ = ["EXPRESSIONS", "constant", "tested", "text_marks"]


def constant(value: object) -> Value:
    """Return what is known of a literal."""
    match value:
        case None:
            return Nothing(lack=UNEXPLAINED)
        case bool():
            return Bool(const=value)
        case int() if value.bit_length() <= LONGEST:
            return Number(low=number(value), high=number(value))
        case float():
            return Number(low=number(floor(value)), high=number(ceil(value)), whole=False) if abs(value) < 1e15 else ANY
        case str():
            return Text(const=value, words=value, tokens=number(-(-len(value) // 4)), most=len(value))
    return ANY


def _constant(m: Machine, node: ast.Constant) -> Value:
    return constant(node.value)


def _name(m: Machine, node: ast.Name) -> Value:
    return m.lookup(node.id)


def _attribute(m: Machine, node: ast.Attribute) -> Value:
    value = m.evaluate(node.value)
    m.misuse(value, f"asked for .{node.attr}")
    value = m.require(value, node, f".{node.attr}")
    if lacks(m, value, node.attr) and not m.frame.guarded:
        m.note(NotARecord(node, node.value, f".{node.attr}", value))
        return IMPOSSIBLE
    return m.attribute(value, node)


def _named(m: Machine, node: ast.NamedExpr) -> Value:
    value = m.evaluate(node.value)
    m.bind(node.target.id, value)
    held = m.read(m.cell(node.target.id))  # what a test says of it, it says of the variable
    return value if held is None else held


def _lambda(m: Machine, node: ast.Lambda) -> Value:
    return closure(m, node)


def _starred(m: Machine, node: ast.Starred) -> Value:
    return m.evaluate(node.value)


# Operators


def _binary(m: Machine, node: ast.BinOp) -> Value:
    left, right = m.evaluate_all([node.left, node.right])
    for side in (left, right):
        m.misuse(side, "calculated with")
    return calculated(m, node.op, left, right, node)


def _unary(m: Machine, node: ast.UnaryOp) -> Value:
    value = m.evaluate(node.operand)
    if isinstance(node.op, ast.Not):
        m.test(value, node.operand)
        known = certain(value)
        marks = tested(value)
        result = Bool(const=None if known is None else not known, marks=marks, when=truths.inverted(truth(value)))
        if m.all_asked is not None and m.all_asked[0] is value:
            m.all_asked = (result, not m.all_asked[1], m.all_asked[2])
        return result
    name = {ast.USub: "__neg__", ast.Invert: "__invert__"}.get(type(node.op), "__pos__")
    own = special(m, value, name, node)
    if own is not None:
        return own
    match node.op:
        case ast.USub():
            return negated(value)
        case ast.Invert():
            return inverted(value)
    return negated(negated(value))


def tested(value: Value) -> Marks:
    """Return the marks of the answer to whether a value is true."""
    if isinstance(value, (Bool, Number)):
        return value.marks | asked(value)
    return steering(value.marks, decided=False) | asked(value)


def _boolean(m: Machine, node: ast.BoolOp) -> Value:
    all_of = isinstance(node.op, ast.And)
    before, values, marks = m.state.fork(), [], frozenset[Mark]()
    stops: list[State] = []
    for position, operand in enumerate(node.values):
        value = m.evaluate(operand)
        values.append(value)
        if position == len(node.values) - 1:
            break
        m.test(value, operand)
        marks |= tested(value)
        if certain(value) is (not all_of):
            break
        if certain(value) is None:
            stops.append(m.state.fork())
            m.state.control |= m.steer(value, operand)  # under which alone the next one is evaluated
        m.assume(value, all_of)
    when = both([truth(value) for value in values], all_of=all_of)
    whole = m.state
    m.state = join([m.state, *stops])
    _keep_effects(m, before)
    known = {certain(value) for value in values}
    const = (not all_of) if certain(values[-1]) is (not all_of) else all_of if known == {all_of} else None
    last = Bool(const=const, marks=values[-1].marks)
    result = last if isinstance(values[-1], Bool) else _outcome(values, all_of=all_of)
    result = replace(result, marks=result.marks | marks, when=when)
    if stops and whole.cells.keys() >= before.cells.keys() and whole.cells != before.cells:
        m.all_asked = (result, all_of, whole)
    return result


def _keep_effects(m: Machine, before: Any) -> None:
    """Forget what the operands assumed of one another, but not what they did."""
    m.state.narrowed, m.state.limits, m.state.control = before.narrowed, before.limits, before.control


def _outcome(values: list[Value], *, all_of: bool) -> Value:
    """Return the operand that `and` or `or` comes to."""
    reachable: list[Value] = []
    for value in values[:-1]:
        known = certain(value)
        if known is not all_of:
            reachable.append(_stopping(value, all_of=all_of))
        if known is (not all_of):
            return joined(reachable)
    return joined([*reachable, values[-1]])


def _stopping(value: Value, *, all_of: bool) -> Value:
    """Return an operand at which `and` or `or` stops, which is known to be false or true then."""
    if not all_of:
        return replace(value, lack=None)
    if isinstance(value, Bool):
        return replace(value, const=False, when=None)
    if isinstance(value, Listing):
        return named(value, parts=())
    return Nothing(lack=value.lack, marks=value.marks) if isinstance(value, Dict) and value.lack is not None else value


def _conditional(m: Machine, node: ast.IfExp) -> Value:
    found: list[tuple[State, Value]] = []
    test = m.evaluate(node.test)
    m.test(test, node.test)

    def follow(branch: ast.expr) -> Callable[[], None]:
        def evaluate() -> None:
            value = m.evaluate(branch)
            if isinstance(value, Nothing):
                value = replace(value, lack=Lack(f"line {branch.lineno} makes it None", branch.lineno))
            found.append((m.state, marked(m.state.settled(value), m.state.control)))

        return evaluate

    m.branch(test, node.test, follow(node.body), follow(node.orelse))
    return given_at(found)


# Texts


def _formatted(m: Machine, node: ast.JoinedStr) -> Value:
    words, marks, tokens, constants = "", frozenset[Mark](), ZERO, True
    values: list[Value] = []
    sizes: list[int | None] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = m.evaluate(part.value)
            values.append(value)
            marks |= _shown(m, value, part.value)
            text = (
                value.const
                if isinstance(value, Text)
                else str(value.exact)
                if isinstance(value, Number) and value.exact is not None
                else None
            )
            plain = part.format_spec is None and part.conversion == -1
            constants = constants and text is not None and plain
            sizes.append(characters(value) if plain else None)
            words += text or ""
            tokens += tokens_in(value)
        elif isinstance(part, ast.Constant):
            values.append(constant(part.value))
            sizes.append(len(str(part.value)))
            words += str(part.value)
            tokens += number(-(-len(str(part.value)) // 4))
    most = None if None in sizes else sum(size or 0 for size in sizes)
    whole = Text(const=words if constants else None, words=words, marks=marks, tokens=tokens, most=most)
    return composed(whole, values)


def _shown(m: Machine, value: Value, node: ast.expr) -> Marks:
    """Return the marks of a value's text."""
    m.misuse(value, "put into a text")
    return text_marks(m, value, node)


def text_marks(m: Machine, value: Value, node: ast.expr) -> Marks:
    """Return the marks of a value's text."""
    for name in ("__format__", "__str__", "__repr__"):
        if special(m, value, name, node, ANY) is not None:
            break
    marks = derived(deep_marks(value))
    if isinstance(value, Dict) and value.schema is not None:
        marks |= {Mark("made", Piece(node, value.schema, None))}
    if isinstance(value, Listing) and value.kind == "set":
        marks |= sequence(m, value, node).marks
    for one in contents(value):
        for option in one.options if isinstance(one, Either) else (one,):
            if (what := unnamed(m, option, inner=one is not value)) is not None:
                marks |= {Mark("address", TextWithAddress(node, what))}
    return derived(marks)


# Displays


def _display(m: Machine, node: ast.List | ast.Tuple | ast.Set) -> Value:
    kind: Kind = "tuple" if isinstance(node, ast.Tuple) else "set" if isinstance(node, ast.Set) else "list"
    parts: list[Part] = []
    marks = frozenset[Mark]()
    for written, value in zip(node.elts, m.evaluate_all(node.elts), strict=True):
        if isinstance(written, ast.Starred):
            inner = sequence(m, value, written.value, "unpacking it")
            parts.extend(inner.parts)
            marks |= inner.marks
        else:
            parts.append(Part(EXACTLY_ONE, value))
    members = distinct(tuple(parts)) if kind == "set" else parts
    return begun(m, replace(listing(m, node, *members, kind=kind, marks=marks), node=node))


def _dict(m: Machine, node: ast.Dict) -> Value:
    result = Dict(birth=m.birth(node), node=node)
    fields: dict[str, Field] = {}
    """Entries in a row under keys that are known, which are put in at once."""
    pairs = [*zip(node.keys, node.values, strict=True)]
    values = iter(m.evaluate_all([one for pair in pairs for one in pair if one is not None]))
    for key, written in pairs:
        if key is None:
            spread = m.require(next(values), written, "unpacking it with **")
            result, fields = merged_dicts(_with_fields(result, fields), spread), {}
            continue
        name, value = next(values), next(values)
        known = known_constant(name)
        if isinstance(known, str):
            fields[known] = Field(value)
        else:
            result, fields = with_entry(_with_fields(result, fields), name, value), {}
    return begun(m, replace(_with_fields(result, fields), node=node))


def _with_fields(target: Dict, fields: Mapping[str, Field]) -> Dict:
    return replace(target, fields={**target.fields, **fields}) if fields else target


# Subscripts


def _subscript(m: Machine, node: ast.Subscript) -> Value:
    value = m.evaluate(node.value)
    m.misuse(value, "subscripted")
    value = m.require(value, node, f"[{unparsed(node.slice)}]")
    if isinstance(node.slice, ast.Slice):
        return _slice(m, value, node.slice)
    index = m.evaluate(node.slice)
    return item(m, value, index, node)


def _slice(m: Machine, value: Value, node: ast.Slice) -> Value:
    start, stop, step = (None if end is None else m.evaluate(end) for end in (node.lower, node.upper, node.step))
    if isinstance(value, Given):
        value = as_listing(value)
    if isinstance(value, Listing):
        kept = sliced(m, value, node, start, stop, step)
        if stop is not None and start is None:
            m.note(Cut(node, value, kept.birth))
        return kept
    return _cut(value, start, stop) if isinstance(value, Text) else anything("it is a slice", value)


def _cut(value: Text, start: Value | None, stop: Value | None) -> Text:
    """Return a part of a text."""
    first, last = (end.exact if isinstance(end, Number) else None for end in (start, stop))
    ends = [characters(value), last if last is not None and last >= 0 else None]
    ends += [-first] if first is not None and first < 0 else []
    most = min((end for end in ends if end is not None), default=None)
    marks = reduced(value.marks)
    return named(value, const=None, options=frozenset(), whole=False, holds=(), most=most, marks=marks)


def _yield(m: Machine, node: ast.Yield) -> Value:
    value = m.state.settled(m.evaluate(node.value)) if node.value is not None else Nothing(lack=UNEXPLAINED)
    _give(m, (Part(EXACTLY_ONE, value),))
    return ANY


def _yield_from(m: Machine, node: ast.YieldFrom) -> Value:
    source = sequence(m, m.evaluate(node.value), node.value)
    _give(m, source.parts, source.birth)
    return ANY


def _give(m: Machine, parts: tuple[Part, ...], owner: Birth | None = None) -> None:
    """Put what a generator yields to what it has yielded; `owner`: it is all of this list, and pieces stay pieces."""
    cell = m.frame.yields
    held = m.state.cells.get(cell) if cell is not None else None
    if isinstance(held, Listing):
        single = sum((part.count.high for part in parts), ZERO) == ONE
        if owner is not None and not held.parts and held.birth.loops == tuple(m.loops):
            parts = tuple(replace(part, element=handed_on(part.element, owner, held.birth)) for part in parts)
        for part in parts:
            held = appended(held, (part,), gathered(m, held.birth, part.element.marks, single=single))
        m.state.store(replace(held, marks=held.marks | filled_by_pairs(m, held.birth)))


EXPRESSIONS: Mapping[type, Callable[[Machine, Any], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.NamedExpr: _named,
    ast.Lambda: _lambda,
    ast.Starred: _starred,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: comparison,
    ast.IfExp: _conditional,
    ast.JoinedStr: _formatted,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Set: _display,
    ast.Dict: _dict,
    ast.Subscript: _subscript,
    ast.Call: evaluate_call,
    ast.Await: evaluate_await,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.DictComp: dict_comprehension,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
