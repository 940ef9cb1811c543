"""What the language of a harness has, node by node, and what it lacks.

`RestrictingNodeTransformer` refuses every node it does not know, so a new Python brings nothing in unseen. What is
dangerous only on some objects is turned into a call of a guard (see `guards`); everything else compiles to what plain
Python would compile to. Annotations are dropped: they would be evaluated, or kept as text for others to evaluate.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from RestrictedPython.transformer import RestrictingNodeTransformer

from weft.primitives.language import METHODS
from weft.sandbox.classes import FIELD_KINDS
from weft.sandbox.errors import PolicyError
from weft.sandbox.modules import import_problem
from weft.sandbox.names import (
    GUARDED,
    HIDDEN_BUILTINS,
    READABLE,
    attribute_problem,
    builtin_problem,
    name_problem,
)

__all__ = ["HarnessTransformer"]


class HarnessTransformer(RestrictingNodeTransformer):
    """Refuses what the language lacks and puts the guards in."""

    def __init__(self, bound: frozenset[str]) -> None:
        """Create a transformer for one source in which the names `bound` have a meaning of their own."""
        super().__init__()
        self._bound = bound
        self._scopes: list[str] = []
        """The scopes around the current node, innermost last: module is none; class, def, async, lambda, generator."""

    # ------------------------------------------------------------------------------------------ refusing

    def error(self, node: ast.AST, info: str) -> NoReturn:
        """Refuse the source at this node."""
        raise PolicyError(info, getattr(node, "lineno", None))

    def not_allowed(self, node: ast.AST) -> NoReturn:
        """Refuse a kind of node."""
        kind = type(node).__name__
        self.error(node, _NOT_IN_THE_LANGUAGE.get(kind, f"{kind} is not part of the language of a harness"))

    def check_name(self, node: ast.AST, name: str | None, allow_magic_methods: bool = False) -> None:
        """Refuse to bind or use a reserved name."""
        if name is not None and (problem := name_problem(name)):
            self.error(node, problem)
        if name == "super":
            self.error(node, "`super` is only available as super().method(…), without arguments")

    def _check_attribute(self, node: ast.AST, name: str) -> None:
        if problem := attribute_problem(name):
            self.error(node, problem)

    @contextmanager
    def _scope(self, kind: str) -> Iterator[None]:
        self._scopes.append(kind)
        yield
        self._scopes.pop()

    def _in_class(self) -> bool:
        return self._scopes[-1:] == ["class"]

    def _visit_all(self, nodes: list[Any]) -> list[Any]:
        visited: list[Any] = []
        for node in nodes:
            new = self.visit(node)
            visited.extend(new if isinstance(new, list) else [] if new is None else [new])
        return visited

    # ------------------------------------------------------------------------------------------ names and attributes

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Allow names that are not reserved."""
        if node.id in ("__name__", "__doc__") and isinstance(node.ctx, ast.Load):
            return node
        self.check_name(node, node.id)
        if self._in_class() and isinstance(node.ctx, ast.Store):
            self._check_attribute(node, node.id)
        if node.id in HIDDEN_BUILTINS and node.id not in self._bound:
            self.error(node, builtin_problem(node.id))
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Guard attributes that are not harmless on all objects, and every write."""
        name, loads = node.attr, isinstance(node.ctx, ast.Load)
        node.value = self.visit(node.value)
        if loads and name in READABLE:
            return node
        if not (loads and name in METHODS and _is_super(node.value)):
            self._check_attribute(node, name)
        if not loads:
            node.value = _call("_write_", node.value, _constant(name, node.value))
            return node
        if name.startswith("_") or name in GUARDED:
            return ast.copy_location(_call("_read_", node.value, _constant(name, node)), node)
        return node

    def visit_Global(self, node: ast.Global) -> ast.AST:
        """Allow `global` for names that are not reserved."""
        for name in node.names:
            self.check_name(node, name)
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        """Allow `nonlocal` for names that are not reserved."""
        for name in node.names:
            self.check_name(node, name)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        """Allow keyword arguments that are not reserved names."""
        self.check_name(node, node.arg)
        return self.node_contents_visit(node)

    # ------------------------------------------------------------------------------------------ calls

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Allow calls; `super` without arguments only."""
        return node if _is_super(node) else self.node_contents_visit(node)

    # ------------------------------------------------------------------------------------------ assignments

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """Allow augmented assignment to everything that may be assigned to."""
        if isinstance(node.target, ast.Attribute) and node.target.attr in GUARDED:
            # `x.format += y` would hand the unguarded attribute to the `__radd__` of y.
            self.error(node, f"augmented assignment to `{node.target.attr}` is not available: write x = x + y")
        return self.node_contents_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Drop the annotation; in a class body keep that there is one, and its kind, for `dataclass` and its like."""
        annotation, node.annotation = node.annotation, _constant(None, node.annotation)
        node = self.node_contents_visit(node)
        if self._in_class() and node.simple:
            node.annotation = _name(_field_kind(annotation), annotation)
            return node
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)

    # ------------------------------------------------------------------------------------------ functions and classes

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Allow functions, and the methods of `METHODS` in classes."""
        return self._function(node, "def")

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Allow coroutines under the same rules as functions."""
        if node.name in METHODS and node.name != "__call__":
            self.error(node, f"`{node.name}` cannot be async: Python does not await it")
        return self._function(node, "async")

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, kind: str) -> ast.AST:
        self._check_type_params(node)
        if self._in_class():
            self._check_method(node)
        else:
            self.check_name(node, node.name)
        # Decorators and defaults are evaluated outside: an `await` there belongs to the scope around.
        node.decorator_list = self._visit_all(node.decorator_list)
        node.args = self.visit(node.args)
        node.returns = None
        if self._in_class() and node.name == "__exit__":
            node.decorator_list.insert(0, _name("_exit_", node))
        with self._scope(kind):
            node.body = self._visit_all(node.body)
        return node

    def _check_method(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.name in METHODS:
            return
        if node.name.startswith("__"):
            self.error(node, f"a class cannot define `{node.name}` here: it would change how Python itself works")
        self.check_name(node, node.name)
        self._check_attribute(node, node.name)

    def _check_type_params(self, node: ast.AST) -> None:
        if getattr(node, "type_params", None):
            self.error(node, "type parameters in brackets need Python 3.12; leave them out, nothing checks them here")

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """Allow parameters of every kind whose names are not reserved; drop the annotation."""
        self.check_name(node, node.arg)
        node.annotation = None
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Allow lambda."""
        node.args = self.visit(node.args)
        with self._scope("lambda"):
            node.body = self.visit(node.body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Allow classes without metaclass; the bases go through a guard."""
        self._check_type_params(node)
        self.check_name(node, node.name)
        for keyword in node.keywords:
            if keyword.arg != "total":  # of a TypedDict
                self.error(node, f"the class keyword `{keyword.arg or '**'}` is not available; use plain classes")
        node.decorator_list = self._visit_all(node.decorator_list)
        node.keywords = self._visit_all(node.keywords)
        bases = ast.copy_location(ast.Call(_name("_bases_", node), self._visit_all(node.bases), []), node)
        node.bases = [ast.copy_location(ast.Starred(bases, ast.Load()), node)]
        with self._scope("class"):
            node.body = self._visit_all(node.body)
        return node

    # ------------------------------------------------------------------------------------------ async

    def visit_Await(self, node: ast.Await) -> ast.AST:
        """Allow await, except where it would make an asynchronous generator."""
        if self._scopes[-1:] == ["generator"]:
            self.error(node, "`await` in a generator expression is not available: write a list, [await f(x) for …]")
        return self.node_contents_visit(node)

    def visit_Yield(self, node: ast.Yield | ast.YieldFrom) -> ast.AST:
        """Allow generators that are not asynchronous."""
        if self._scopes[-1:] == ["async"]:
            self.error(node, "`yield` in an async function is not available: collect a list and return it")
        return self.node_contents_visit(node)

    visit_YieldFrom = visit_Yield

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """Allow generator expressions."""
        # The first iterable is evaluated outside of the generator.
        first = node.generators[0]
        outermost, first.iter = self.visit(first.iter), _constant(None, first.iter)
        with self._scope("generator"):
            node = self.node_contents_visit(node)
        first.iter = outermost
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """Allow the loops of comprehensions, not asynchronous ones."""
        if node.is_async:
            self.error(node.iter, _NOT_IN_THE_LANGUAGE["AsyncFor"])
        return self.node_contents_visit(node)

    # ------------------------------------------------------------------------------------------ statements

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.AST]:
        """Allow `if`; a block for editors, or for running the file by hand, never runs and may say anything."""
        if not self._scopes and _is_never_true(node.test):
            return self._visit_all(node.orelse) or ast.copy_location(ast.Pass(), node)
        return self.node_contents_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """Allow handlers; a bare `except:` catches what a harness may catch."""
        self.check_name(node, node.name)
        node = self.node_contents_visit(node)
        if node.type is None:
            node.type = _name("_Exception_", node)
        return node

    def visit_Import(self, node: ast.Import) -> ast.AST:
        """Allow imports of the modules of the language."""
        for alias in node.names:
            if problem := import_problem(alias.name):
                self.error(node, problem)
        return self.check_import_names(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        """Allow imports of names that the modules of the language have."""
        module = "." * node.level + (node.module or "")
        names = [alias.name for alias in node.names]
        if module == "__future__" and names == ["annotations"]:
            return ast.copy_location(ast.Pass(), node)
        checked = self.check_import_names(node)
        if problem := import_problem(module, names):
            self.error(node, problem)
        return checked

    # ------------------------------------------------------------------------------------------ match

    def visit_MatchClass(self, node: ast.MatchClass) -> ast.AST:
        """Allow class patterns; they read attributes, so only those that need no guard."""
        for name in node.kwd_attrs:
            self._check_attribute(node, name)
            if name.startswith("_") or name in GUARDED:
                self.error(node, f"the attribute `{name}` is not available in a pattern: read it with x.{name}")
        node = self.node_contents_visit(node)
        self._check_dotted(node.cls)
        return node

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.AST:
        """Allow constants and dotted names."""
        node = self.node_contents_visit(node)
        self._check_dotted(node.value)
        return node

    def _check_dotted(self, *values: ast.expr) -> None:
        # Python takes only constants and dotted names in a pattern; what needed a guard is no longer one.
        for value in values:
            if any(isinstance(part, ast.Call) for part in ast.walk(value)):
                self.error(value, "a private or guarded attribute is not available in a pattern: compare it with `if`")

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> ast.AST:
        """Allow captures under names that are not reserved."""
        self.check_name(node, node.name)
        return self.node_contents_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> ast.AST:
        """Allow mapping patterns."""
        self.check_name(node, node.rest)
        node = self.node_contents_visit(node)
        self._check_dotted(*node.keys)
        return node

    # ------------------------------------------------------------------------------------------ as Python has it

    visit_Module = visit_Subscript = visit_Assign = visit_For = visit_With = visit_arguments = visit_Match = (
        visit_match_case
    ) = visit_MatchSingleton = visit_MatchSequence = visit_MatchOr = RestrictingNodeTransformer.node_contents_visit

    # Of newer Pythons than the language; RestrictedPython would let them pass.
    visit_TemplateStr = visit_Interpolation = not_allowed


_NOT_IN_THE_LANGUAGE = {
    "AsyncFor": "`async for` is not available: nothing here is an asynchronous iterator; write `for x in await f()`",
    "AsyncWith": "`async with` is not available: write `with`, and await inside",
    "TryStar": "`except*` is not available: write `except`; failures of a fan-out are in its `.lost`",
    "TypeAlias": "`type X = …` needs Python 3.12; write `X = …`",
}


def _is_super(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]):
            return True
    return False


def _is_never_true(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(value=ast.Name(id="typing"), attr="TYPE_CHECKING"):
            return True
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
    return False


def _field_kind(annotation: ast.expr) -> str:
    match annotation:
        case ast.Subscript(value=outer):
            return _field_kind(outer)
        case ast.Name(id=head) | ast.Attribute(attr=head):
            pass
        case ast.Constant(value=str(text)):
            head = text.split("[")[0].split(".")[-1].strip()
        case _:
            head = ""
    return f"_{head}_" if head in FIELD_KINDS else "_Field_"


def _name(name: str, at: ast.AST) -> ast.Name:
    return ast.copy_location(ast.Name(name, ast.Load()), at)


def _constant(value: str | None, at: ast.AST) -> ast.Constant:
    return ast.copy_location(ast.Constant(value), at)


def _call(guard: str, value: ast.expr, *more: ast.expr) -> ast.Call:
    return ast.copy_location(ast.Call(_name(guard, value), [value, *more], []), value)
