"""Calling functions of the harness, and awaiting what they return."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from itertools import takewhile

from weft.linter.effort import TooComplex, spend, unparsed, walk
from weft.linter.facts.domain.amounts import ZERO, endless, number
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.code import Call, Class, Coroutine, Either, Env, Function, Instance, Native, Partial
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.cost import choice, started
from weft.linter.facts.domain.holding import ANY, IMPOSSIBLE
from weft.linter.facts.domain.intervals import EXACTLY_ONE, Interval, some
from weft.linter.facts.domain.joins import count, joined
from weft.linter.facts.domain.marks import NO_MARKS, Marks, about, picked, steering
from weft.linter.facts.domain.meeting import implied, join
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.sums import minus
from weft.linter.facts.domain.values import (
    CONTAINERS,
    UNEXPLAINED,
    Dict,
    Field,
    Given,
    Lack,
    Listing,
    Nothing,
    Number,
    Part,
    Text,
    Value,
    marked,
)
from weft.linter.facts.events import Returned
from weft.linter.facts.follow.classes import instance_of, method
from weft.linter.facts.follow.entries import fields_of
from weft.linter.facts.follow.machine import DEPTH, Machine
from weft.linter.facts.follow.recursion import recursive, running
from weft.linter.facts.follow.sequences import listing, sequence
from weft.linter.facts.follow.stack import Frame, Ways
from weft.linter.facts.follow.summaries import summarised
from weft.linter.record import replace
from weft.primitives.language.nodes import yields
from weft.primitives.language.scopes import all_parameters

__all__ = ["called", "closure", "each_way", "evaluate_call", "kept"]

_KEPT = "what it gave"

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def closure(m: Machine, node: FunctionNode) -> Function:
    """Return the function that a definition makes here."""
    positional = [*node.args.posonlyargs, *node.args.args]
    without = [None] * (len(positional) - len(node.args.defaults))
    defaults = zip(
        [*positional, *node.args.kwonlyargs], [*without, *node.args.defaults, *node.args.kw_defaults], strict=True
    )
    values = {parameter.arg: m.evaluate(default) for parameter, default in defaults if default is not None}
    m.state.cells |= {(node, name): value for name, value in values.items()}  # all calls share what is made here
    return Function(node=node, env=m.frame.env, defaults=values)


def evaluate_call(m: Machine, node: ast.Call) -> Value:
    """Return what a call gives."""
    match node.func:
        case ast.Attribute(value=ast.IfExp(test=written, body=body, orelse=otherwise)):
            return _on_either(m, node, written, node.func, (body, otherwise))
    return _called_with(m, node, m.evaluate(node.func))


def _on_either(
    m: Machine, node: ast.Call, written: ast.expr, method: ast.Attribute, owners: tuple[ast.expr, ast.expr]
) -> Value:
    """Return what a method gives that is called on one of two objects, by a condition."""
    found: list[Value] = []
    test = m.evaluate(written)
    m.test(test, written)

    def on(owner: ast.expr) -> Callable[[], None]:
        def follow() -> None:
            value = m.require(m.evaluate(owner), method, f".{method.attr}")
            found.append(marked(_called_with(m, node, m.attribute(value, method)), m.state.control))

        return follow

    m.branch(test, written, on(owners[0]), on(owners[1]))
    return joined(found)


def _called_with(m: Machine, node: ast.Call, function: Value) -> Value:
    """Return what a call of a function gives."""
    call = arguments(m, node)
    function = m.require(function, node, "calling it")
    m.misuse(function, "called")
    return m.call(function, call)


def arguments(m: Machine, node: ast.Call) -> Call:
    """Evaluate the arguments of a call."""
    parts: list[Part] = []
    spread = NO_MARKS
    given = m.evaluate_all([*node.args, *(keyword.value for keyword in node.keywords)])
    for argument, value in zip(node.args, given, strict=False):
        if isinstance(argument, ast.Starred):
            source = sequence(m, value, argument.value, "unpacking it")
            parts += source.parts
            spread |= source.marks
        else:
            parts.append(Part(EXACTLY_ONE, value))
    known = list(takewhile(lambda part: part.count == EXACTLY_ONE, parts))
    keywords: dict[str, Value] = {}
    named: Value | None = None
    for keyword, value in zip(node.keywords, given[len(node.args) :], strict=True):
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        entries = fields_of(value) if isinstance(value, Dict) else {}
        keywords |= {name: marked(entry.value, value.marks) for name, entry in entries.items() if entry.sure}
        if not isinstance(value, Dict) or not _is_known(value, entries.values()):
            named = value if named is None and isinstance(value, Dict) else ANY
    complete = len(known) == len(parts) and named is None
    args, more = tuple(part.element for part in known), tuple(parts[len(known) :])
    return Call(node, args, keywords, complete, more, spread=spread, named=named)


def _is_known(value: Dict, entries: Iterable[Field]) -> bool:
    """Tell whether a dict has the entries that are known, and no others."""
    closed = value.schema is None or not value.schema.open
    return closed and value.values is None and not value.open and all(entry.sure for entry in entries)


def called(m: Machine, function: Value, call: Call) -> Value:
    """Return what calling a value gives."""
    match function:
        case Function():
            return _call_function(m, function, call)
        case Native():
            return m.tables.natives(m, function, call)
        case Partial(inner=inner, args=args, keywords=keywords):
            given = {**{name: m.latest(value) for name, value in keywords.items()}, **call.keywords}
            whole = replace(call, args=(*map(m.latest, args), *call.args), keywords=given)
            return m.call(inner, whole)
        case Either(options=options):
            ways = [partial(m.call, option, call) for option in options]
            by = steering(function.marks, decided=True) | picked(function.marks, NO_MARKS)
            return _chosen(by, m, lambda machine: each_way(machine, ways))
        case Class():
            return instance_of(m, function, call)
        case Instance():
            own = method(m, function, "__call__")
            return m.call(own, call) if own is not None else m.unknown("an object is called", *call.inputs())
    if about(function.marks, "told"):
        for value in call.inputs():
            m.look(deep_marks(value))
            m.consume(value)
        return IMPOSSIBLE
    return m.unknown(f"the call {unparsed(call.node.func)}(…) is not followed", *call.inputs())


def _chosen(by: Marks, m: Machine, follow: Callable[[Machine], Value]) -> Value:
    """Return what comes of a choice with these marks, as of a condition: now, and later if it is to be awaited."""
    before = m.state.control
    m.state.control |= by
    result = follow(m)
    m.state.control = before
    if not isinstance(result, Coroutine) or not by:
        return result
    later = tuple(partial(_chosen, by, follow=start) for start in result.starts)
    return replace(result, starts=later, root=None)


def each_way(m: Machine, ways: Iterable[Callable[[], Value]]) -> Value:
    """Return what one of several ways gives, each followed from here."""
    before, states, values = m.state, [], []
    for way in ways:
        m.state = before.fork()
        values.append(way())
        states.append(m.state)
    m.state = join(states)
    return joined(values)


# Functions


def _call_function(m: Machine, function: Function, call: Call) -> Value:
    bound = _bind(m, function, call)
    if isinstance(function.node, ast.AsyncFunctionDef) and not _yields(function.node):
        name = function.node.name
        scalars = {name: value for name, value in bound.items() if isinstance(value, (Text, Number, Given))}
        bound |= {name: m.state.settled(value) for name, value in scalars.items()}
        held = {name: m.latest(value) for name, value in bound.items()}
        limits = m.state.limits

        def start(machine: Machine) -> Value:
            """Follow the call when it is awaited: containers that it was given may have changed since."""
            changed = {name: now for name, old in held.items() if (now := machine.latest(old)) is not old}
            before = machine.state.limits
            machine.state.limits |= limits  # of what it was given, which does not change
            result = _run(machine, function, {**bound, **changed}, call.node)
            machine.state.limits = before
            return result

        return replace(m.coroutine(call.node, name, start), runs=frozenset((function.node,)))
    result = _run(m, function, bound, call.node)
    return _kept_result(m, function, result) if function.keeps else result


def kept(m: Machine, function: Function) -> Function:
    """Return a function as one that remembers what it gave."""
    m.state.cells[function.node, _KEPT] = Nothing(lack=UNEXPLAINED)
    return replace(function, keeps=True)


def _kept_result(m: Machine, function: Function, result: Value) -> Value:
    """Return what a function gives that may have given it before: whoever got it then may have changed it."""
    before = m.read((function.node, _KEPT))
    if before is not None and not isinstance(before, Nothing):
        result = replace(joined([result, before]), lack=result.lack)
    m.state.cells[function.node, _KEPT] = result
    return result


def _bind(m: Machine, function: Function, call: Call) -> dict[str, Value]:
    """Return what each parameter is given."""
    signature = function.node.args
    positional = [p.arg for p in (*signature.posonlyargs, *signature.args)]
    args = (*([function.bound] if function.bound is not None else []), *call.args)
    bound: dict[str, Value] = dict(zip(positional, args, strict=False))
    named = {p.arg for p in all_parameters(signature)}
    bound |= {name: value for name, value in call.keywords.items() if name in named}
    more, rest = _unplaced(call)
    if signature.vararg is not None:
        several = [Part(EXACTLY_ONE, value) for value in args[len(positional) :]]
        bound[signature.vararg.arg] = listing(
            m, call.node, *several, *_behind(more, max(0, len(positional) - len(args))), kind="tuple"
        )
    if signature.kwarg is not None:
        extra = {name: Field(value) for name, value in call.keywords.items() if name not in named}
        bound[signature.kwarg.arg] = replace(rest, fields={**rest.fields, **extra}, birth=m.birth(call.node))
    others = [part.element for part in more if part.count.high != ZERO]

    def left_out(name: str) -> Value:
        """Return what a parameter is to which nothing is given for certain."""
        default = [_shared(m, function, name)] if name in function.defaults else []
        perhaps = [*(others if name in positional else []), *_under(rest, name), *default]
        return joined(perhaps) if perhaps else ANY

    return {p.arg: bound.get(p.arg) or left_out(p.arg) for p in all_parameters(signature)}


def _shared(m: Machine, function: Function, name: str) -> Value:
    """Return a default, which all calls share; several functions of one definition are not told apart."""
    own, held = m.latest(function.defaults[name]), m.read((function.node, name))
    changed = isinstance(own, CONTAINERS) and isinstance(held, CONTAINERS) and held.birth is not own.birth
    return joined([own, held]) if changed and held is not None else own


def _unplaced(call: Call) -> tuple[tuple[Part, ...], Dict]:
    """Return the arguments of a call of which it is not known which parameter is given them."""
    nothing = Dict(birth=Birth(0))
    if call.complete:
        return (), nothing
    if not call.more and call.named is None:
        unknown = Part(some("the arguments of a call are not known", call.node.lineno), ANY)
        return (unknown,), replace(nothing, open=True)
    anything_else = nothing if call.named is None else replace(nothing, open=True)
    return call.more, call.named if isinstance(call.named, Dict) else anything_else


def _behind(parts: tuple[Part, ...], taken: int) -> tuple[Part, ...]:
    """Return what is left of arguments when parameters have taken so many."""
    if not parts or not taken:
        return parts
    size = count(parts)
    return (Part(Interval(ZERO, minus(size.high, number(taken))), joined(part.element for part in parts)),)


def _under(rest: Dict, name: str) -> list[Value]:
    """Return what a dict may have under a name."""
    entry = fields_of(rest).get(name)
    found = [entry.value] if entry is not None else [] if rest.values is None else [rest.values]
    closed = not rest.open and (rest.schema is None or not rest.schema.open)
    return found if closed else [*found, ANY]


def _run(m: Machine, function: Function, bound: Mapping[str, Value], site: ast.AST) -> Value:
    """Follow a call of a function and return what it returns."""
    if m.alone and len(m.frames) > 1:
        return _not_followed(m, function, bound, site)
    outer = [frame for frame in m.frames if frame.closure == function.closure]
    if len(m.frames) >= DEPTH:
        raise TooComplex(f"calls are nested more than {DEPTH} deep")
    if not outer:
        return summarised(m, function, bound, partial(_activation, m, function, site, bound))
    for recording in m.recordings:
        recording.usable = recording.usable and m.frames.index(outer[0]) >= recording.depth
    if function.closure not in m.recursions and not running(m, function):
        return _activation(m, function, site, bound)
    return recursive(m, function, bound, site, partial(_activation, m, function, site))


def _not_followed(m: Machine, function: Function, bound: Mapping[str, Value], site: ast.AST) -> Value:
    """Return what is known of a call of which nothing is."""
    why = f"{getattr(function.node, 'name', 'a lambda')}(…) is not followed"
    if isinstance(function.node, ast.AsyncFunctionDef):
        reason = Reason(getattr(site, "lineno", 0), why, "split the harness", "unknown", "agents")
        m.state.cost += (started(reason.line, why, Interval(ZERO, endless(reason))),)
    return m.unknown(why, *bound.values())


def _activation(m: Machine, function: Function, site: ast.AST, bound: Mapping[str, Value]) -> Value:
    """Follow the body of a function and return what it returns."""
    node = function.node
    m.followed.add(node)
    frame = Frame(node, Env(node, function.env), closure=function.closure, given=dict(bound), site=site)
    m.frames.append(frame)
    control, limits = m.state.control, m.state.limits
    try:
        with m.apart(catching=_yields(node)) as ways:
            m.state.cells |= {(frame.env, name): value for name, value in bound.items()}
            result = _body(m, frame, ways)
    finally:
        m.frames.pop()
    m.ways.refused |= ways.refused
    for state in (m.state, *ways.raises):
        state.control, state.limits = control | ways.refused, limits
        if not _keeps_variables(node):
            spend(1 + len(state.cells) // 8)
            state.cells = {cell: value for cell, value in state.cells.items() if cell[0] is not frame.env}
    m.ways.raises += ways.raises
    return result


def _body(m: Machine, frame: Frame, ways: Ways) -> Value:
    node = frame.node
    if isinstance(node, ast.Lambda):
        return m.evaluate(node.body)
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))  # the only other functions
    if _yields(node):
        return _generated(m, frame, node, ways)
    m.execute(node.body)
    if m.state.alive:
        m.note(Returned(node, node, None))
        ended = Nothing(lack=Lack(f"{node.name} can end without a return", node.lineno))
        ways.returns.append((m.state, ended))
    m.state = join([state for state, _ in ways.returns])
    if not ways.returns:
        return ANY
    result = joined([value for _, value in ways.returns])
    when = implied(ways.returns, m.state) if all(result is not value for _, value in ways.returns) else None
    return result if when is None else replace(result, when=when, root=None)


def _generated(m: Machine, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, ways: Ways) -> Value:
    """Return what a generator yields, all of it: how far it is taken makes no difference to how long it can be.

    What it does happens at some time between here and there, in part or not at all; so do the agents that it asks.
    """
    cell, before, spent = (frame.env, "yield"), dict(m.state.cells), m.state.cost
    m.state.cells[cell] = Listing(kind="iterator", birth=m.birth(node))
    frame.yields = cell
    with m.escapes.reading(m.state) as reads:
        m.execute(node.body)
    whole = join([m.state, *(state for state, _ in ways.returns)])
    m.state = join([whole], [state.fork() for state in ways.raises])
    m.state.run_later(before)
    m.state.cost = choice([spent, m.state.cost])
    given = (whole if whole.alive else m.state).cells.get(cell, ANY)
    return replace(given, reads=frozenset(reads)) if isinstance(given, Listing) else given


_yields = lru_cache(maxsize=256)(yields)  # asked at each call, and there may be many thousand to the same few functions


@lru_cache(maxsize=256)
def _keeps_variables(node: ast.AST) -> bool:
    """Tell whether something made in a function may still read its variables afterwards."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp, ast.ClassDef)
    return any(isinstance(inner, kinds) for inner in walk(node) if inner is not node)
