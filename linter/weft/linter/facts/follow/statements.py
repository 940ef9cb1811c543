"""What statements do: assignments, branches, loops, `try`, `match`, definitions, jumps."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from weft.linter.effort import unparsed
from weft.linter.facts.domain.amounts import ONE, ZERO
from weft.linter.facts.domain.code import Coroutine, Function, Instance, Native
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.holding import ANY, CODE, anything
from weft.linter.facts.domain.marks import NO_MARKS, Mark, about
from weft.linter.facts.domain.meeting import join
from weft.linter.facts.domain.state import State
from weft.linter.facts.domain.truth import certain
from weft.linter.facts.domain.values import (
    UNEXPLAINED,
    Bool,
    Dict,
    Given,
    Lack,
    Listing,
    Nothing,
    Number,
    Unknown,
    Value,
    marked,
)
from weft.linter.facts.events import Returned, Wait
from weft.linter.facts.follow.arguments import spoil, taken_as_list, updated
from weft.linter.facts.follow.arithmetic import OPERATORS, calculated, combined
from weft.linter.facts.follow.assignment import assign, extend, made_good, put, take_in
from weft.linter.facts.follow.awaiting import awaited
from weft.linter.facts.follow.calls import closure, kept
from weft.linter.facts.follow.classes import made_class, special
from weft.linter.facts.follow.entries import holding, without_entry
from weft.linter.facts.follow.imports import bind_imports
from weft.linter.facts.follow.machine import Machine
from weft.linter.facts.follow.matching import match
from weft.linter.facts.follow.memories import feed
from weft.linter.facts.follow.sequences import sequence
from weft.linter.facts.follow.slices import sliced
from weft.linter.facts.follow.stack import Ways
from weft.linter.facts.follow.totals import gain_of, moved, moving
from weft.linter.facts.follow.walking import for_loop
from weft.linter.facts.follow.whiles import while_loop
from weft.linter.facts.known.iterating import shortened
from weft.linter.record import replace
from weft.primitives.language.nodes import reading_of

__all__ = ["STATEMENTS"]

_CATCHING = {"TypeError", "Exception", "BaseException", "AttributeError"}
_CATCHING_KEYS = {"KeyError", "LookupError", "Exception", "BaseException"}


def _expression(m: Machine, node: ast.Expr) -> None:
    value = m.evaluate(node.value)
    last = m.events[-1] if m.events else None
    if (
        isinstance(last, Wait)
        and last.node is node.value
        and not last.changes
        and about(deep_marks(value), "says", "opaque")
    ):
        last.acts = True  # nobody reads the answer, so the agent is there for what it does
        m.act()
    if isinstance(value, Coroutine):
        for call in value.sites:
            if call is node.value:
                m.site(call, "").dropped = True


def _assign(m: Machine, node: ast.Assign) -> None:
    value = _same_container(m, node, m.evaluate(node.value))
    for target in node.targets:
        grown = not isinstance(value, Number) and _adds_to(node.value, unparsed(target))
        gain = gain_of(m, node.value, target) if isinstance(value, Number) else (ANY, ANY)
        moving(m, *gain, partial(assign, m, target, value, grown=grown, source=node.value))


def _same_container(m: Machine, node: ast.Assign, value: Value) -> Value:
    """Return `xs = xs + more` as the list that `xs` was, grown: it is the same memory, whoever reads it."""
    target = node.targets[0]
    if (
        not isinstance(target, ast.Name)
        or not isinstance(value, (Listing, Dict))
        or not _rebuilds(node.value, target.id)
    ):
        return value
    old = m.lookup(target.id)
    if type(old) is not type(value) or not isinstance(old, (Listing, Dict)):
        return value
    if isinstance(value, Listing) and isinstance(old, Listing):
        for part in [part for part in value.parts if part not in old.parts]:
            feed(m, old.birth, part.element, node)
    if isinstance(value, Dict) and isinstance(old, Dict) and value.keys not in (None, old.keys):
        feed(m, old.birth, value.keys or ANY, node, once=True)
    grown = replace(value, birth=old.birth)
    m.state.store(grown)
    return grown


def _adds_to(node: ast.expr, target: str) -> bool:
    """Tell whether something is what it was before, with more at an end."""
    match node:
        case ast.JoinedStr(values=parts):
            return any(isinstance(x, ast.FormattedValue) and unparsed(x.value) == target for x in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return target in (unparsed(left), unparsed(right)) or _adds_to(left, target)
        case ast.Dict(keys=keys, values=values):
            return any(key is None and unparsed(value) == target for key, value in zip(keys, values, strict=True))
    return False


def _rebuilds(node: ast.expr, name: str) -> bool:
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.BitOr(), right=right):
            return any(isinstance(side, ast.Name) and side.id == name for side in (left, right))
        case ast.List(elts=items) | ast.Set(elts=items):
            return any(
                isinstance(x, ast.Starred) and isinstance(x.value, ast.Name) and x.value.id == name for x in items
            )
        case ast.Dict(keys=keys, values=values):
            spread = [value for key, value in zip(keys, values, strict=True) if key is None]
            return any(isinstance(value, ast.Name) and value.id == name for value in spread)
    return False


def _annotated(m: Machine, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign(m, node.target, m.evaluate(node.value), source=node.value)


def _augmented(m: Machine, node: ast.AugAssign) -> None:
    old = m.evaluate(reading_of(node.target))
    more = m.evaluate(node.value)
    m.misuse(more, "calculated with")
    old = m.latest(old)
    if _changes_in_place(m, node, old, more):
        return
    own = special(m, old, f"__i{OPERATORS[type(node.op)]}__", node, more)
    value = own if own is not None else calculated(m, node.op, old, more, node.value)
    longer = not isinstance(value, Number) and not isinstance(more, Number)
    if isinstance(node.target, ast.Subscript) and not isinstance(node.target.slice, ast.Slice):
        owner, key = m.evaluate(node.target.value), m.evaluate(node.target.slice)
        if isinstance(owner, Dict):
            there = holding(owner, key) if owner.factory is None else owner  # it was there, for it was read
            moved(m, node, there, more, lambda: put(m, there, key, value, node.target, grown=longer))
            return
        moved(m, node, owner, more, lambda: assign(m, node.target, value, grown=longer))
        return
    assign(m, node.target, value, grown=longer)


def _changes_in_place(m: Machine, node: ast.AugAssign, old: Value, more: Value) -> bool:
    """Follow what an augmented assignment does to a container that stays the same one; tell whether that is all."""
    match old:
        case Unknown():
            m.lose("it may be changed in place", old, more)
        case Given() if isinstance(node.op, ast.BitOr):
            updated(m, old, more)
            return True
        case Given() if isinstance(node.op, ast.Add) and isinstance(more, Listing):
            extend(m, taken_as_list(m, old, node), sequence(m, more, node.value, "adding it"), node)
            return True
        case Given(schema=schema) if not isinstance(more, (Number, Bool)) or (
            isinstance(node.op, ast.Mult) and schema is None
        ):  # a list takes it in, and a text does not
            spoil(m, old, more)
        case Listing(kind="list") if isinstance(node.op, ast.Mult):
            grown = calculated(m, node.op, old, more, node.value)
            grown = grown if isinstance(grown, Listing) else sequence(m, grown, node.value)
            m.state.store(replace(grown, kind=old.kind, birth=old.birth))
            return True
        case Listing(kind="list") if isinstance(node.op, ast.Add):
            extend(m, old, sequence(m, more, node.value, "adding it"), node)
            return True
        case Listing(kind="set") if isinstance(more, Listing):
            if isinstance(node.op, ast.BitOr):
                extend(m, old, more, node)
            else:
                m.state.store(replace(combined(m, node.op, old, more, node.value), birth=old.birth))
            return True
        case Dict() if isinstance(node.op, ast.BitOr):
            both = take_in(m, old, more, node.target, node.value)
            m.state.store(both)
            return True
    return False


def _delete(m: Machine, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            m.bind(target.id, ANY)
        elif isinstance(target, ast.Subscript):
            _delete_entry(m, m.evaluate(target.value), target.slice)
        elif isinstance(target, ast.Attribute):
            m.unknown("an attribute is taken away", m.evaluate(target.value))


def _delete_entry(m: Machine, owner: Value, index: ast.expr) -> None:
    if isinstance(owner, Instance):
        special(m, owner, "__delitem__", index, m.evaluate(index))
    elif isinstance(owner, (Given, Unknown)):
        m.evaluate(index)
        m.lose("something is taken out of it", owner)
    elif isinstance(owner, Dict):
        key = m.evaluate(index)
        kept = None if owner.values is None else made_good(m, owner.values, key.marks)
        m.state.store(without_entry(replace(owner, values=kept), key, surely=True))
    elif isinstance(owner, Listing) and not isinstance(index, ast.Slice):
        m.evaluate(index)
        m.state.store(shortened(owner, ONE))
    elif isinstance(owner, Listing) and isinstance(index, ast.Slice):
        left = _left_by(m, owner, index)
        m.state.store(left)  # in the state that finding the ends has left


def _left_by(m: Machine, owner: Listing, index: ast.Slice) -> Listing:
    """Return what is left of a list when a slice is taken out: the other end, where it goes up to one."""
    lower, upper, step = (None if end is None else m.evaluate(end) for end in (index.lower, index.upper, index.step))
    latest = m.latest(owner)
    owner = latest if isinstance(latest, Listing) else owner
    if step is not None or (lower is not None and upper is not None):
        return shortened(owner, ZERO)
    parts = () if lower is upper else sliced(m, owner, index, upper, lower, None).parts
    return replace(owner, parts=parts, root=None, when=None)


# Branches


def _if(m: Machine, node: ast.If) -> None:
    test = m.evaluate(node.test)
    m.test(test, node.test)
    m.branch(test, node.test, lambda: m.execute(node.body), lambda: m.execute(node.orelse))


def _try(m: Machine, node: ast.Try) -> None:
    with m.apart(catching=bool(node.finalbody)) as ways:
        _guarded(m, node)
    _leave(m, ways, lambda: m.execute(node.finalbody))


def _leave(m: Machine, ways: Ways, last: Callable[[], None]) -> None:
    """Go each way out of a stretch through what is done last, which may itself lead elsewhere."""

    def through(state: State) -> State:
        m.state = state
        if state.alive:
            last()
        return m.state

    def all_through(states: list[State]) -> list[State]:
        return [end for state in states if (end := through(state)).alive]

    off_the_end = through(m.state)
    for state, value in ways.returns:
        state.cells[ways, "returned"] = value  # what is done last may change it
    ends = [(through(state), value) for state, value in ways.returns]
    returns = [(end, end.cells.pop((ways, "returned"), value)) for end, value in ends if end.alive]
    m.ways.add(Ways(returns, all_through(ways.breaks), all_through(ways.continues), all_through([join(ways.raises)])))
    m.state = off_the_end


def _guarded(m: Machine, node: ast.Try) -> None:
    """Follow a `try` and its handlers."""
    caught = {name for handler in node.handlers for name in _caught(handler)}
    m.frame.guarded += bool(caught & _CATCHING)
    m.frame.keyed += bool(caught & _CATCHING_KEYS)
    with m.apart(catching=bool(node.handlers)) as ways:
        m.execute(node.body)
    m.frame.guarded -= bool(caught & _CATCHING)
    m.frame.keyed -= bool(caught & _CATCHING_KEYS)
    failed = join(ways.raises)
    if "BaseException" in caught:
        ways.raises.clear()
    if node.handlers:
        ways.refused = NO_MARKS
    m.ways.add(ways)
    m.execute(node.orelse)
    states = [m.state]
    for handler in node.handlers:
        m.state = failed.fork()
        if handler.name is not None:
            m.bind(handler.name, anything("it is an error", marks=frozenset((Mark("holds", CODE),))))
        m.execute(handler.body)
        states.append(m.state)
    m.state = join(states)


def _caught(handler: ast.ExceptHandler) -> list[str]:
    match handler.type:
        case None:
            return ["BaseException"]
        case ast.Tuple(elts=kinds):
            return [unparsed(kind) for kind in kinds]
    return [unparsed(handler.type)]


def _with(m: Machine, node: ast.With | ast.AsyncWith) -> None:
    _within(m, node.items, node.body, "__a" if isinstance(node, ast.AsyncWith) else "__")


def _within(m: Machine, items: list[ast.withitem], body: list[ast.stmt], way: str) -> None:
    """Follow statements within context managers, the first of which is entered first and left last.

    `way` is how the names of their methods begin, which tells whether they are awaited.
    """
    if not items:
        m.execute(body)
        return
    first, *rest = items
    manager = m.evaluate(first.context_expr)
    entered = _own(m, manager, f"{way}enter__", first.context_expr)
    if first.optional_vars is not None:
        assign(m, first.optional_vars, entered)
    with m.apart(catching=True) as ways:
        _within(m, rest, body, way)
    known, answers = len(m.ways.raises), []
    _leave(m, ways, lambda: answers.append(_own(m, manager, f"{way}exit__", first.context_expr, ANY, ANY, ANY)))
    if any(certain(answer) is not False for answer in answers):  # it may hold an error back
        m.state = join([m.state], [state.fork() for state in m.ways.raises[known:]])


def _own(m: Machine, manager: Value, name: str, node: ast.expr, *args: Value) -> Value:
    """Return what a method of a context manager gives."""
    given = special(m, manager, name, node, *args)
    if given is None:
        given = m.unknown("what a context manager gives", manager)
    return awaited(m, given, node) if name.startswith("__a") else given


# Loops


def _break(m: Machine, node: ast.Break) -> None:
    m.ways.breaks.append(m.state.fork())
    m.state.end()


def _continue(m: Machine, node: ast.Continue) -> None:
    m.ways.continues.append(m.state.fork())
    m.state.end()


def _return(m: Machine, node: ast.Return) -> None:
    value = m.evaluate(node.value) if node.value is not None else Nothing(lack=UNEXPLAINED)
    if m.state.alive:
        m.note(Returned(m.frame.node, node, value if node.value is not None else None))
    if isinstance(value, Nothing):
        value = replace(value, lack=Lack(f"line {node.lineno} returns None", node.lineno))
    m.falter()
    if m.state.alive:
        m.ways.returns.append((m.state.fork(), marked(m.state.settled(value), m.state.control)))
    m.state.end()


def _raise(m: Machine, node: ast.Raise) -> None:
    if node.exc is not None:
        m.evaluate(node.exc)
    for loop in m.frame.loops:
        loop.leaves = True
    if m.state.alive:
        m.ways.raises.append(m.state.fork())
        m.ways.refused |= m.state.control
    m.state.end()


def _assert(m: Machine, node: ast.Assert) -> None:
    test = m.evaluate(node.test)
    m.test(test, node.test)
    m.state.control |= m.steer(test, node.test)
    m.assume(test, True)


# Definitions


def _function(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    function = closure(m, node)
    for written in node.decorator_list:
        match written:
            case ast.Attribute(value=ast.Name(id=name), attr="setter" | "getter" | "deleter" as kind):
                getter = m.lookup(name)
                m.bind(f"{node.name}.{kind}", function)
                m.bind(node.name, getter)
                return
    m.bind(node.name, _decorated(m, node, function))


def _decorated(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, made: Value) -> Value:
    """Return what decorators make of a function or class."""
    for decorator in reversed([m.evaluate(decorator) for decorator in node.decorator_list]):
        match decorator:
            case Native(name="functools.cache" | "functools.lru_cache") if isinstance(made, Function):
                made = kept(m, made)
            case Native():  # the others of the modules change no calls
                pass
            case _:
                made = m.apply(decorator, node, made)
    return made


def _class(m: Machine, node: ast.ClassDef) -> None:
    m.bind(node.name, _decorated(m, node, made_class(m, node)))


def _nothing(m: Machine, node: ast.stmt) -> None:
    return


STATEMENTS: Mapping[type, Callable[[Machine, Any], None]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.If: _if,
    ast.Match: match,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.For: for_loop,
    ast.AsyncFor: for_loop,
    ast.While: while_loop,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: bind_imports,
    ast.ImportFrom: bind_imports,
    ast.Pass: _nothing,
    ast.Global: _nothing,
    ast.Nonlocal: _nothing,
}
