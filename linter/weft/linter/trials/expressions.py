"""What expressions come to in a trial. Each is made a function once, which is called wherever it is evaluated."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

from weft.linter.trials.code import Env, Evaluate, Execute, Function, Listed, Object, Return, Test, named
from weft.linter.trials.natives import NAMES, called
from weft.linter.trials.operations import awaited, compared, item_of, large, largest, own, sliced, walked
from weft.linter.trials.playing import Play
from weft.linter.trials.symbols import GaveUp, Symbol, frozen, worded
from weft.primitives.language.nodes import yields

__all__ = ["Expressions"]

_BINARY: dict[type[ast.operator], Callable[[Any, Any], object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
_HANDED_ON = (ast.Name, ast.Await, ast.Attribute, ast.Call)
"""Expressions that hand on a yes or no that was decided elsewhere."""
_HANDING = (*_HANDED_ON, ast.Subscript)


class Expressions:
    """Makes functions of expressions."""

    def __init__(self, play: Play, free: Callable[[str], object]) -> None:
        self.play, self.free = play, free

    def make(self, node: ast.expr | None) -> Evaluate:
        """Return the function that an expression is evaluated by."""
        if node is None:
            return lambda env: None
        build = getattr(self, f"_{type(node).__name__.lower()}", None)
        if build is None:
            raise GaveUp
        made: Evaluate = build(node)
        return made

    def test(self, node: ast.expr) -> Callable[[Env], bool]:
        """Return the function that a condition is asked by, which notes how it came out."""
        value, note = self.make(node), self.play.note
        if isinstance(node, (ast.BoolOp, ast.Compare)) or _is_negation(node):  # which note themselves how they came out
            return lambda env: bool(value(env))
        handed, play = isinstance(node, _HANDING), self.play

        def asked(env: Env) -> bool:
            found = value(env)
            play.at = node
            truth = bool(found)
            note(Test(node, truth, plain=handed and isinstance(found, bool)))
            return truth

        return asked

    def _constant(self, node: ast.Constant) -> Evaluate:
        value = node.value
        return lambda env: value

    def _name(self, node: ast.Name) -> Evaluate:
        name = node.id

        def found(env: Env) -> object:
            scope = env.find(name)
            if scope is not None:
                return scope.names[name]
            return self.free(name) if name not in NAMES else NAMES[name]

        return found

    def _namedexpr(self, node: ast.NamedExpr) -> Evaluate:
        value, name = self.make(node.value), node.target.id

        def given(env: Env) -> object:
            found = value(env)
            env.function().set(name, found)
            return found

        return given

    def _several(self, nodes: list[ast.expr]) -> Callable[[Env], list[object]]:
        made = [(isinstance(node, ast.Starred), self.make(node)) for node in nodes]

        def evaluated(env: Env) -> list[object]:
            found: list[object] = []
            for starred, one in made:
                if starred:
                    found += walked(one(env))
                else:
                    found.append(one(env))
            return found

        return evaluated

    def _starred(self, node: ast.Starred) -> Evaluate:
        return self.make(node.value)

    def _list(self, node: ast.List) -> Evaluate:
        inner = self._several(node.elts)
        return lambda env: Listed(inner(env), node)

    def _tuple(self, node: ast.Tuple) -> Evaluate:
        inner = self._several(node.elts)
        return lambda env: tuple(inner(env))

    def _set(self, node: ast.Set) -> Evaluate:
        inner = self._several(node.elts)
        return lambda env: dict.fromkeys(inner(env)).keys() | set()

    def _dict(self, node: ast.Dict) -> Evaluate:
        made = [
            (None if key is None else self.make(key), self.make(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]

        def evaluated(env: Env) -> object:
            found: dict[object, object] = {}
            for key, value in made:
                one = value(env)
                if key is not None:
                    found[key(env)] = one
                elif isinstance(one, dict):
                    found |= one
                else:
                    found[Symbol("rest")] = one
            return found

        return evaluated

    def _joinedstr(self, node: ast.JoinedStr) -> Evaluate:
        made = [self.make(part) for part in node.values]
        return lambda env: worded([part(env) for part in made])

    def _formattedvalue(self, node: ast.FormattedValue) -> Evaluate:
        value = self.make(node.value)
        if node.format_spec is None:
            return lambda env: _shown(value(env))
        play = self.play

        def shown(env: Env) -> object:
            found = value(env)
            play.at = node
            format(found, ".2f") if isinstance(found, dict) else None
            return Symbol("text", frozen(found))

        return shown

    def _boolop(self, node: ast.BoolOp) -> Evaluate:
        made = [self.make(value) for value in node.values]
        ends_with, note = isinstance(node.op, ast.Or), self.play.note
        play = self.play

        def evaluated(env: Env) -> object:
            value: object = None
            at: ast.expr = node
            for one, at in zip(made, node.values, strict=True):
                value, play.at = one(env), at
                if bool(value) is ends_with:
                    break
            note(Test(node, bool(value), plain=isinstance(at, _HANDED_ON) and isinstance(value, bool)))
            return value

        return evaluated

    def _unaryop(self, node: ast.UnaryOp) -> Evaluate:
        value = self.make(node.operand)
        if isinstance(node.op, ast.Not):
            play, note, handed = self.play, self.play.note, isinstance(node.operand, _HANDED_ON)

            def negated(env: Env) -> object:
                found = value(env)
                play.at = node.operand
                truth = not found
                note(Test(node, truth, plain=handed and isinstance(found, bool)))
                return truth

            return negated
        return (lambda env: -value(env)) if isinstance(node.op, ast.USub) else value  # type: ignore[operator]

    def _binop(self, node: ast.BinOp) -> Evaluate:
        left, right = self.make(node.left), self.make(node.right)
        return lambda env: self.binary(node, left(env), right(env))

    def binary(self, node: ast.BinOp | ast.AugAssign, left: object, right: object) -> object:
        """Return what an operator makes of two values."""
        kind, self.play.at = type(node.op), node
        if kind not in _BINARY:
            return Symbol("made", frozen(left), frozen(right))
        if kind is ast.Mult and large(left) * large(right) > largest(left, right):
            return Symbol("made", frozen(left), frozen(right))
        if kind is ast.Add and large(left) + large(right) > largest(left, right):
            raise GaveUp
        if kind is ast.Mod and isinstance(left, str):
            return worded([left, right])
        symbols = [one for one in (left, right) if isinstance(one, Symbol)]
        others = [one for one in (left, right) if not isinstance(one, Symbol)]
        if symbols and others and isinstance(others[0], (str, list, tuple, dict, set)) and kind is ast.Add:
            return worded([left, right]) if isinstance(others[0], str) else [*walked(left), *walked(right)]
        return _BINARY[kind](left, right)

    def _compare(self, node: ast.Compare) -> Evaluate:
        made = [self.make(one) for one in (node.left, *node.comparators)]
        kinds, note, play = [type(op) for op in node.ops], self.play.note, self.play

        def evaluated(env: Env) -> object:
            left, truth = made[0](env), False
            for kind, one in zip(kinds, made[1:], strict=True):
                right = one(env)
                play.at = node
                truth = bool(compared(kind, left, right))
                if not truth:
                    break
                left = right
            note(Test(node, truth, plain=False))
            return truth

        return evaluated

    def _ifexp(self, node: ast.IfExp) -> Evaluate:
        test, body, other = self.test(node.test), self.make(node.body), self.make(node.orelse)
        passed = self.play.passed

        def evaluated(env: Env) -> object:
            value = body(env) if test(env) else other(env)
            passed(node, value)
            return value

        return evaluated

    def _await(self, node: ast.Await) -> Evaluate:
        value = self.make(node.value)
        return lambda env: awaited(value(env))

    def _attribute(self, node: ast.Attribute) -> Evaluate:
        value, name = self.make(node.value), node.attr

        def found(env: Env) -> object:
            return own(value(env), name)

        return found

    def _subscript(self, node: ast.Subscript) -> Evaluate:
        value = self.make(node.value)
        if isinstance(node.slice, ast.Slice):
            ends = [self.make(end) for end in (node.slice.lower, node.slice.upper, node.slice.step)]
            return lambda env: sliced(value(env), [end(env) for end in ends])
        key = self.make(node.slice)
        return lambda env: item_of(value(env), key(env))

    def _call(self, node: ast.Call) -> Evaluate:
        function, args = self.make(node.func), self._several(node.args)
        given = [(keyword.arg, self.make(keyword.value)) for keyword in node.keywords]
        play = self.play

        def result(env: Env) -> object:
            play.step()
            call, inner = function(env), args(env)
            options: dict[str, object] = {}
            for name, value in given:
                one = value(env)
                if name is not None:
                    options[name] = one
                elif isinstance(one, dict):
                    options |= one
                else:
                    raise GaveUp
            return called(play, node, call, inner, options)

        return result

    def _lambda(self, node: ast.Lambda) -> Evaluate:
        body = self.make(node.body)
        return self.function(node, lambda env: Return(body(env)))

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, body: Execute) -> Evaluate:
        """Return what defines a function."""
        defaults = [self.make(one) for one in node.args.defaults]
        named = {
            one.arg: self.make(value)
            for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            if value is not None
        }
        generator, play = not isinstance(node, ast.Lambda) and yields(node), self.play

        def defined(env: Env) -> object:
            values = [one(env) for one in defaults]
            given = {name: one(env) for name, one in named.items()}
            return Function(node, env, body, values, given, generator, play.depth)

        return defined

    def _yield(self, node: ast.Yield) -> Evaluate:
        value = self.make(node.value)

        def given(env: Env) -> object:
            held = env.function().given
            if held is None:
                raise GaveUp
            held.append(value(env))
            return None

        return given

    def _yieldfrom(self, node: ast.YieldFrom) -> Evaluate:
        value = self.make(node.value)

        def given(env: Env) -> object:
            held = env.function().given
            if held is None:
                raise GaveUp
            held += walked(value(env))
            return None

        return given

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Evaluate:
        element, walk, passed = self.make(node.elt), self._clauses(node.generators), self.play.passed

        def evaluated(env: Env) -> list[object]:
            found = Listed([], node)
            for inner in walk(env):
                value = element(inner)
                passed(node, value, found)
                found.append(value)
            return found

        return evaluated

    def _generatorexp(self, node: ast.GeneratorExp) -> Evaluate:
        made = self._listcomp(node)
        return lambda env: iter(walked(made(env)))

    def _setcomp(self, node: ast.SetComp) -> Evaluate:
        made = self._listcomp(node)
        return lambda env: set(walked(made(env)))

    def _dictcomp(self, node: ast.DictComp) -> Evaluate:
        key, value, walk = self.make(node.key), self.make(node.value), self._clauses(node.generators)

        def evaluated(env: Env) -> object:
            found = {}
            for inner in walk(env):
                name = key(inner)
                found[name] = one = value(inner)
                self.play.keyed(node, name, one)
            return found

        return evaluated

    def _clauses(self, clauses: list[ast.comprehension]) -> Callable[[Env], Iterator[Env]]:
        made = [
            (self.make(one.iter), self.target(one.target), [self.test(test) for test in one.ifs]) for one in clauses
        ]
        play = self.play

        def rounds(env: Env, at: int) -> Iterator[Env]:
            if at == len(made):
                yield env
                return
            over, assign, tests = made[at]
            for value in walked(over(env)):
                play.step()
                assign(env, value)
                if all(test(env) for test in tests):
                    yield from rounds(env, at + 1)

        return lambda env: rounds(Env(env, inner=True), 0)

    def target(self, node: ast.expr) -> Callable[[Env, object], None]:
        """Return the function that gives a value to what stands on the left."""
        match node:
            case ast.Name(id=name):
                return lambda env, value: _set(env, name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._unpacked(parts)
            case ast.Starred(value=inner):
                return self.target(inner)
            case ast.Subscript(value=inner, slice=index) if not isinstance(index, ast.Slice):
                return self._entry(node, self.make(inner), self.make(index))
            case ast.Attribute(value=inner, attr=name):
                return _field(self.make(inner), name)
        raise GaveUp

    def _entry(self, node: ast.expr, held: Evaluate, key: Evaluate) -> Callable[[Env, object], None]:
        def given(env: Env, value: object) -> None:
            container, place = held(env), key(env)
            self.play.keyed(node, place, value)
            if isinstance(container, (dict, list)):
                container[place] = value  # type: ignore[call-overload]
            elif not isinstance(container, Symbol):
                raise GaveUp

        return given

    def _unpacked(self, parts: list[ast.expr]) -> Callable[[Env, object], None]:
        made = [self.target(part) for part in parts]
        star = next((at for at, part in enumerate(parts) if isinstance(part, ast.Starred)), None)

        def given(env: Env, value: object) -> None:
            if isinstance(value, Symbol):
                values: list[object] = [Symbol("element", value, at) for at in range(len(made))]
            else:
                values = walked(value)
            if star is not None:
                after = len(made) - star - 1
                values = [*values[:star], values[star : len(values) - after], *values[len(values) - after :]]
            if len(values) != len(made):
                raise ValueError
            for assign, one in zip(made, values, strict=True):
                assign(env, one)

        return given


def _set(env: Env, name: str, value: object) -> None:
    named(value, name)
    env.set(name, value)


def _is_negation(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _field(held: Evaluate, name: str) -> Callable[[Env, object], None]:
    def given(env: Env, value: object) -> None:
        of = held(env)
        named(value, name)
        if isinstance(of, Object):
            of.fields[name] = value
        elif not isinstance(of, Symbol):
            raise GaveUp

    return given


def _shown(value: object) -> object:
    return value if isinstance(value, (str, Symbol)) else worded([value])
