"""Agents whose answers nobody reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.events import PrimitiveCalled
from weft.linter.facts.places import FUNCTIONS, uses
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.vain import Vain
from weft.primitives.language import ENTRY

__all__ = ["UnusedResult"]

_ANSWERING = {"agent", "critique", "debate", "judge", "reflect", "swarm", "synthesize", "verify"}
"""Primitives that start agents which do nothing but answer."""


class UnusedResult(Rule):
    """Agents are paid for, and nobody reads what they answer.

    What: what agents answer is assigned to a variable or field that is never read, or that is overwritten first, or an
        answer with a schema is dropped; also behind functions, in fan-outs, and in lists that are only added to.
    Why: the agents are paid for nothing.
    Bad:
        plan = await agent("Plan the work")
        plan = await agent("Plan the work in five steps")
        return plan
    Good:
        plan = await agent("Plan the work in five steps")
        return plan
    When not: agents that act on the world or have tools; names that begin with an underscore.
    """

    code = "C605"
    name = "unused-agent-result"
    severity = "warning"
    message = "{what} is paid for and {fate}."
    why = "Its agents are paid for nothing: use what they answer, or leave the call out."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each place where what agents answer is lost."""
        calls = {event.call.node: event for event in facts.each(PrimitiveCalled) if event.name in _ANSWERING}
        lost: dict[ast.AST, _Lost] = {}
        vain = Vain(facts)
        for node, event in calls.items():
            if not event.call.keywords.keys() & {"tools", "isolation"}:
                asked = "schema" in event.call.keywords or event.name != "agent"
                for one in _Fates(facts, vain).of(node):
                    if asked or one.named:
                        lost.setdefault(one.node, one)
        for one in lost.values():
            fix = suggestion(
                "leave the call out" if one.named else "use its answer, or leave the schema out if it acts"
            )
            yield self.found(facts, one.node, what=one.named or "This answer", fate=one.fate, fix=fix)


class _Lost(NamedTuple):
    """Where an answer is lost."""

    node: ast.AST
    named: str
    """What the harness calls it, if anything."""
    fate: str = "never read"


class _Fates:
    """Follows what is returned, listed and kept, to where nobody reads it."""

    def __init__(self, facts: Facts, vain: Vain) -> None:
        self.facts = facts
        self.places = facts.places
        self.vain = vain
        self._functions: set[ast.AST] = set()

    def of(self, node: ast.AST, position: int | None = None) -> list[_Lost]:
        """Return where the value of an expression is lost; nothing where it is read anywhere.

        `position` is its place in the list that the expression holds it in.
        """
        parent = self.places.parent(node)
        match parent:
            case ast.Await():
                return self.of(parent, position)
            case ast.Expr():
                inner = node.value if isinstance(node, ast.Await) else node
                return [_Lost(inner, "")]
            case ast.Assign(targets=[target]):
                return self._assigned(parent, target, position)
            case ast.For(target=target, iter=walked) if walked is node:
                return self._walked(parent, target)
            case ast.Return():
                return self._returned(self.places.function(parent))
            case ast.Lambda(body=body) if body is node:
                return self.of(parent)
            case ast.ListComp(elt=elt) | ast.GeneratorExp(elt=elt) if elt is node:
                return self.of(parent)
            case ast.List(elts=parts):
                return self.of(parent, parts.index(node)) if isinstance(node, ast.expr) else []
            case ast.Call(args=args) if node in args:
                return self._given(parent, args, node, position)
        return []

    def _given(self, call: ast.Call, args: list[ast.expr], node: ast.AST, position: int | None) -> list[_Lost]:
        match call.func:
            case ast.Name(id="parallel") if args[0] is node:
                return self.of(call, position)
            case ast.Name(id="pipeline") if args[-1] is node and len(args) > 1:
                return self.of(call)
            case ast.Name(id="zip"):
                return self._zipped(call, args.index(node)) if isinstance(node, ast.expr) else []
            case ast.Attribute(value=ast.Name() as kept, attr="append" | "add" | "insert" | "setdefault"):
                return self._put_into(kept)
        return []

    def _zipped(self, call: ast.Call, index: int) -> list[_Lost]:
        match self.places.parent(call):
            case ast.For(target=ast.Tuple(elts=targets), iter=walked) as loop if walked is call and index < len(
                targets
            ):
                return self._walked(loop, targets[index])
        return []

    def _walked(self, loop: ast.For, target: ast.expr) -> list[_Lost]:
        """Return the variable of a loop over answers, if nothing comes of what it reads of them."""
        match target:
            case ast.Name(id=name) if not name.startswith("_") and self.vain.in_loop(loop, name):
                return [_Lost(target, name)]
        return []

    def _put_into(self, kept: ast.Name) -> list[_Lost]:
        return [_Lost(kept, kept.id)] if self.vain.container(kept.id) else []

    def _assigned(self, statement: ast.Assign, target: ast.expr, position: int | None) -> list[_Lost]:
        if isinstance(target, ast.Tuple) and position is not None and position < len(target.elts):
            target = target.elts[position]
        match target:
            case ast.Name(id=name) if not name.startswith("_"):
                if self.vain.name(name):
                    return [_Lost(target, name)]
                if _is_replaced(self.facts, statement, name):
                    return [_Lost(target, name, "replaced before it is read")]
                handed = map(self.places.parent, self._reads(name))
                if all(isinstance(one, ast.Return) and self._here(one, statement) for one in handed):
                    return self._returned(self.places.function(statement))
            case ast.Subscript(value=ast.Name() as kept):
                return self._put_into(kept)
            case ast.Attribute(attr=name) if not name.startswith("_"):
                named = [node for node in self.places.every(ast.Attribute) if node.attr == name]
                known = (node for node in self.places.every(ast.Name) if node.id in _ALL_FIELDS)
                if all(isinstance(node.ctx, ast.Store) for node in named) and next(known, None) is None:
                    return [_Lost(target, name)]
        return []

    def _here(self, node: ast.AST, statement: ast.stmt) -> bool:
        return self.places.function(node) is self.places.function(statement)

    def _returned(self, function: ast.AST) -> list[_Lost]:
        """Return where what a function returns is lost; a bare call counts only where no other use reads it."""
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or function in self._functions:
            return []
        self._functions.add(function)
        if function.name == ENTRY or function.decorator_list:
            return []
        found: list[_Lost] = []
        kept = False
        for use in self._mentions(function.name):
            parent = self.places.parent(use)
            here = self.of(parent if isinstance(parent, ast.Call) and parent.func is use else use)
            kept = kept or not here
            found += here
        return [one for one in found if one.named or not kept]

    def _reads(self, name: str) -> Iterator[ast.Name]:
        return (use for use in uses(self.facts.tree, name) if not isinstance(use.ctx, ast.Store))

    def _mentions(self, name: str) -> Iterator[ast.expr]:
        yield from self._reads(name)
        yield from (node for node in self.places.every(ast.Attribute) if node.attr == name)


_ALL_FIELDS = {"asdict", "astuple", "getattr", "vars"}
"""Functions that read fields whose names are not written."""


def _is_replaced(facts: Facts, statement: ast.Assign, name: str) -> bool:
    """Tell whether the statements that follow give the name something else before anything can read it."""
    if facts.places.in_try(statement) or _read_by_inner_functions(facts, statement, name):
        return False
    block, used = facts.places.block(statement), _by_statement(facts, statement, name)
    for later in block[block.index(statement) + 1 :]:
        if any(not isinstance(use.ctx, ast.Store) for use in used.get(later, ())) or _leaves(later):
            return False
        if _replaces(later, name):
            return True
    return False


def _replaces(statement: ast.stmt, name: str) -> bool:
    """Tell whether a statement gives a name something else, whichever way it takes."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=given)]) | ast.AnnAssign(target=ast.Name(id=given), value=ast.expr()):
            return given == name
        case ast.If(body=body, orelse=other):
            return _any_replaces(body, name) and _any_replaces(other, name)
        case ast.Match(cases=cases):
            return any(map(_takes_all, cases)) and all(_any_replaces(one.body, name) for one in cases)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return _any_replaces(body, name)
        case ast.Try(body=body, handlers=handlers, orelse=other, finalbody=final):
            ways = _any_replaces([*body, *other], name) and all(_any_replaces(one.body, name) for one in handlers)
            return ways or _any_replaces(final, name)
    return False


def _takes_all(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None


def _any_replaces(block: list[ast.stmt], name: str) -> bool:
    return any(_replaces(one, name) for one in block)


def _by_statement(facts: Facts, statement: ast.stmt, name: str) -> dict[ast.AST, list[ast.Name]]:
    """Return where a name is written, by the statements that stand where this one stands."""
    places, found = facts.places, dict[ast.AST, list[ast.Name]]()
    for use in _uses_near(facts, statement, name):
        inner: ast.AST = use
        for outer in places.around(use):
            if outer is places.parent(statement):
                found.setdefault(inner, []).append(use)
                break
            inner = outer
    return found


_LEAVING = (ast.Break, ast.Continue, ast.Raise, ast.Global, ast.Nonlocal)


@lru_cache(maxsize=2048)  # asked of each statement, for each one before it
def _leaves(statement: ast.stmt) -> bool:
    return any(isinstance(node, _LEAVING) for node in walk(statement))


def _read_by_inner_functions(facts: Facts, statement: ast.stmt, name: str) -> bool:
    places, outer = facts.places, facts.places.function(statement)
    reading = (use for use in _uses_near(facts, statement, name) if not isinstance(use.ctx, ast.Store))
    return any(places.function(use) is not outer for use in reading)


def _uses_near(facts: Facts, statement: ast.stmt, name: str) -> list[ast.Name]:
    """Return where a name is written in the function in which a statement stands, or in a function in that."""
    return facts.once(_by_function).get((facts.places.function(statement), name), [])


def _by_function(facts: Facts) -> dict[tuple[ast.AST, str], list[ast.Name]]:
    found: dict[tuple[ast.AST, str], list[ast.Name]] = {}
    for node in facts.places.every(ast.Name):
        for outer in facts.places.around(node):
            if isinstance(outer, (ast.Module, *FUNCTIONS)):
                found.setdefault((outer, node.id), []).append(node)
    return found
