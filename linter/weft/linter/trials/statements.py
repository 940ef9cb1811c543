"""What statements do in a trial. Each is made a function once, as expressions are."""

from __future__ import annotations

import ast
from collections.abc import Callable

from weft.linter.trials.code import BREAK, CONTINUE, Class, Env, Execute, Function, Made, Method, Object, Return, Test
from weft.linter.trials.expressions import Expressions
from weft.linter.trials.natives import MODULES
from weft.linter.trials.operations import compared, walked
from weft.linter.trials.symbols import GaveUp, Symbol
from weft.primitives.language.nodes import reading_of

__all__ = ["HARNESS_ERRORS", "Statements"]

_ROUNDS = 8
"""How often a `while` goes round at most."""
HARNESS_ERRORS = (TypeError, KeyError, IndexError, AttributeError, ValueError, ZeroDivisionError, LookupError)
"""What a harness may catch."""


class Raised(ValueError):
    """A harness raises an error of its own."""


class Statements(Expressions):
    """Makes functions of statements."""

    def block(self, body: list[ast.stmt]) -> Execute:
        """Return what statements do that follow one another."""
        made, play = [self._statement(one) for one in body], self.play

        def executed(env: Env) -> object:
            for one in made:
                play.step()
                left = one(env)
                if left is not None:
                    return left
            return None

        return executed  # type: ignore[return-value]

    def _statement(self, node: ast.stmt) -> Execute:
        build = getattr(self, f"_do_{type(node).__name__.lower()}", None)
        if build is None:
            raise GaveUp
        made: Execute = build(node)
        return made

    def _do_expr(self, node: ast.Expr) -> Execute:
        return _then_on(self.make(node.value))

    def _do_assign(self, node: ast.Assign) -> Execute:
        value, targets = self.make(node.value), [self.target(one) for one in node.targets]

        def executed(env: Env) -> None:
            found = value(env)
            for assign in targets:
                assign(env, found)

        return executed

    def _do_annassign(self, node: ast.AnnAssign) -> Execute:
        if node.value is None:
            return _nothing
        value, assign = self.make(node.value), self.target(node.target)
        return lambda env: assign(env, value(env))

    def _do_augassign(self, node: ast.AugAssign) -> Execute:
        before = self.make(reading_of(node.target))
        assign, value, kind = self.target(node.target), self.make(node.value), type(node.op)

        def executed(env: Env) -> None:
            held, more = before(env), value(env)
            if isinstance(held, list):
                for one in walked(more):
                    self.play.passed(node, one, held)
                    held.append(one)
            elif isinstance(held, set) and isinstance(more, set) and kind is ast.BitOr:
                held |= more
            else:
                assign(env, self.binary(node, held, more))

        return executed

    def _do_if(self, node: ast.If) -> Execute:
        test, body, other = self.test(node.test), self.block(node.body), self.block(node.orelse)
        return lambda env: body(env) if test(env) else other(env)

    def _do_for(self, node: ast.For) -> Execute:
        over, assign = self.make(node.iter), self.target(node.target)
        body, other = self.block(node.body), self.block(node.orelse)

        def executed(env: Env) -> object:
            for value in walked(over(env)):
                assign(env, value)
                left = body(env)
                if left is BREAK:
                    return None
                if isinstance(left, Return):
                    return left
            return other(env)

        return executed  # type: ignore[return-value]

    _do_asyncfor = _do_for

    def _do_while(self, node: ast.While) -> Execute:
        test, body, other = self.test(node.test), self.block(node.body), self.block(node.orelse)

        def executed(env: Env) -> object:
            for _ in range(_ROUNDS):
                if not test(env):
                    return other(env)
                left = body(env)
                if left is BREAK:
                    return None
                if isinstance(left, Return):
                    return left
            return None

        return executed  # type: ignore[return-value]

    def _do_return(self, node: ast.Return) -> Execute:
        value, passed = self.make(node.value), self.play.passed

        def executed(env: Env) -> Return:
            found = value(env)
            passed(node, found)
            return Return(found)

        return executed

    def _do_break(self, node: ast.Break) -> Execute:
        return lambda env: BREAK

    def _do_continue(self, node: ast.Continue) -> Execute:
        return lambda env: CONTINUE

    def _do_pass(self, node: ast.stmt) -> Execute:
        return _nothing

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Execute:
        define, name = self.function(node, self.block(node.body)), node.name
        decorators = [self.make(one) for one in reversed(node.decorator_list)]

        def executed(env: Env) -> None:
            made = define(env)
            for decorator in decorators:
                decorating = decorator(env)
                if isinstance(decorating, (Function, Method)):
                    made = decorating(made)
            env.set(name, made)

        return executed

    _do_asyncfunctiondef = _do_functiondef

    def _do_classdef(self, node: ast.ClassDef) -> Execute:
        body, bases = self.block(node.body), [self.make(base) for base in node.bases]
        names = [
            one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        ]

        def executed(env: Env) -> None:
            inner = Env(env)
            body(inner)
            found = [base(env) for base in bases]
            classes = [base for base in found if isinstance(base, Class)]
            if len(classes) < len(found) and not names:
                for name, value in inner.names.items():  # the members of an Enum
                    if not isinstance(value, Function):
                        inner.names[name] = Object(Class(name, {}, [], []), {"value": value, "name": name})
            for name, value in inner.names.items():
                if isinstance(value, Symbol) and value.op == "made anew":
                    make = value.parts[0]
                    inner.names[name] = Made(make if callable(make) else list)
            env.set(node.name, Class(node.name, inner.names, classes, names))

        return executed

    def _do_import(self, node: ast.Import) -> Execute:
        def executed(env: Env) -> None:
            for alias in node.names:
                env.set(alias.asname or alias.name, MODULES.get(alias.name, Symbol("module", alias.name)))

        return executed

    def _do_importfrom(self, node: ast.ImportFrom) -> Execute:
        module, ours = node.module or "", (node.module or "").startswith("weft")

        def executed(env: Env) -> None:
            for alias in node.names:
                if ours:
                    if alias.asname is not None:
                        env.set(alias.asname, self.free(alias.name))
                elif module in MODULES and alias.name in MODULES[module]:
                    env.set(alias.asname or alias.name, MODULES[module][alias.name])
                elif alias.name != "annotations":
                    env.set(alias.asname or alias.name, Symbol("imported", module, alias.name))

        return executed

    def _do_global(self, node: ast.Global) -> Execute:
        def executed(env: Env) -> None:
            outer = env
            while outer.outer is not None:
                outer = outer.outer
            env.away |= dict.fromkeys(node.names, outer)

        return executed

    def _do_nonlocal(self, node: ast.Nonlocal) -> Execute:
        def executed(env: Env) -> None:
            for name in node.names:
                found = env.outer.find(name) if env.outer is not None else None
                if found is not None:
                    env.away[name] = found

        return executed

    def _do_raise(self, node: ast.Raise) -> Execute:
        def executed(env: Env) -> None:
            raise Raised

        return executed

    def _do_assert(self, node: ast.Assert) -> Execute:
        test = self.test(node.test)

        def executed(env: Env) -> None:
            if not test(env):
                raise Raised

        return executed

    def _do_delete(self, node: ast.Delete) -> Execute:
        return _nothing

    def _do_try(self, node: ast.Try) -> Execute:
        body, other, final = self.block(node.body), self.block(node.orelse), self.block(node.finalbody)
        handlers = [(one, self.block(one.body)) for one in node.handlers]
        note = self.play.note

        def executed(env: Env) -> object:
            left: object = None
            try:
                left = body(env)
                note(Test(node, truth=True, plain=False))
                if left is None:
                    left = other(env)
            except HARNESS_ERRORS:
                note(Test(node, truth=False, plain=False))
                if not handlers:
                    raise
                handler, caught = handlers[0]
                if handler.name is not None:
                    env.set(handler.name, Symbol("error"))
                left = caught(env)
            finally:
                ended = final(env)
            return ended if ended is not None else left

        return executed  # type: ignore[return-value]

    def _do_match(self, node: ast.Match) -> Execute:
        subject = self.make(node.subject)
        cases = [
            (one.pattern, self._pattern(one.pattern), self.test(one.guard) if one.guard else None, self.block(one.body))
            for one in node.cases
        ]
        note = self.play.note

        def executed(env: Env) -> object:
            value = subject(env)
            for pattern, fits, guard, body in cases:
                truth = fits(env, value) and (guard is None or guard(env))
                note(Test(pattern, truth, plain=False))
                if truth:
                    return body(env)
            return None

        return executed  # type: ignore[return-value]

    def _pattern(self, node: ast.pattern) -> Callable[[Env, object], bool]:
        match node:
            case ast.MatchValue(value=expected):
                wanted = self.make(expected)
                return lambda env, value: bool(compared(ast.Eq, value, wanted(env)))
            case ast.MatchSingleton(value=single):
                return lambda env, value: value is single
            case ast.MatchAs(pattern=inner, name=name):
                fits = self._pattern(inner) if inner is not None else None
                return lambda env, value: (fits is None or fits(env, value)) and _named(env, name, value)
            case ast.MatchOr(patterns=inner_ones):
                several = [self._pattern(one) for one in inner_ones]
                return lambda env, value: any(one(env, value) for one in several)
            case ast.MatchMapping(keys=keys, patterns=inner_ones, rest=rest):
                entries = [(self.make(key), self._pattern(one)) for key, one in zip(keys, inner_ones, strict=True)]
                return lambda env, value: (
                    isinstance(value, dict)
                    and all(key(env) in value and one(env, value[key(env)]) for key, one in entries)
                    and _named(env, rest, value)
                )
            case ast.MatchSequence(patterns=inner_ones) if not any(isinstance(o, ast.MatchStar) for o in inner_ones):
                several = [self._pattern(one) for one in inner_ones]
                return lambda env, value: (
                    isinstance(value, (list, tuple))
                    and len(value) == len(several)
                    and all(one(env, part) for one, part in zip(several, value, strict=True))
                )
        raise GaveUp


def _named(env: Env, name: str | None, value: object) -> bool:
    if name is not None:
        env.set(name, value)
    return True


def _nothing(env: Env) -> None:
    return None


def _then_on(value: Callable[[Env], object]) -> Execute:
    def executed(env: Env) -> None:
        value(env)

    return executed
