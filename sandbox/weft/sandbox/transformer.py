"""Puts the guards into a harness in which `weft.primitives.language.refusals` has found nothing.

What is dangerous only on some objects is turned into a call of a guard (see `guards`); everything else compiles to
what plain Python would compile to. `RestrictingNodeTransformer` refuses every node it does not know, so a new Python
brings nothing in unguarded.
"""

from __future__ import annotations

import ast
from typing import Any, NoReturn

from RestrictedPython.transformer import RestrictingNodeTransformer

from weft.primitives.language.attributes import GUARDED, READABLE
from weft.primitives.language.source import FIELD_KINDS
from weft.primitives.language.syntax import node_problem
from weft.sandbox.errors import PolicyError

__all__ = ["HarnessTransformer"]


class HarnessTransformer(RestrictingNodeTransformer):
    """Puts the guards in."""

    def __init__(self) -> None:
        super().__init__()
        self._around: list[ast.AST] = []
        """The functions and classes around the current node, innermost last."""

    def error(self, node: ast.AST, info: str) -> NoReturn:
        """Refuse the source at this node."""
        raise PolicyError(info, getattr(node, "lineno", None))

    def not_allowed(self, node: ast.AST) -> NoReturn:
        """Refuse a kind of node."""
        self.error(node, "; ".join(node_problem(type(node).__name__)))

    def _in_class(self) -> bool:
        return bool(self._around) and isinstance(self._around[-1], ast.ClassDef)

    def _inside(self, node: ast.AST, statements: list[Any]) -> list[Any]:
        self._around.append(node)
        visited = self._visit_all(statements)
        self._around.pop()
        return visited

    def _visit_all(self, nodes: list[Any]) -> list[Any]:
        return [self.visit(node) for node in nodes]

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Guard attributes that are not harmless on all objects, and every write."""
        name = node.attr
        node.value = self.visit(node.value)
        if not isinstance(node.ctx, ast.Load):
            node.value = _call("_write_", node.value, _constant(name, node.value))
            return node
        if name not in READABLE and (name.startswith("_") or name in GUARDED):
            return ast.copy_location(_call("_read_", node.value, _constant(name, node)), node)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """Guard what is read before it is written."""
        node = self.node_contents_visit(node)
        if isinstance(node.target, ast.Attribute) and node.target.attr in GUARDED:
            owner = node.target.value
            node.target.value = _call("_update_", owner, _constant(node.target.attr, owner))
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Keep of a field in a class that there is one, and its kind, for `dataclass` and its like."""
        kind = node.annotation.id if isinstance(node.annotation, ast.Name) else ""
        node.annotation = _constant(None, node.annotation)
        node = self.node_contents_visit(node)
        if not (node.simple and self._in_class()):
            return ast.copy_location(ast.Pass(), node)  # `source.read` has left only those without a value
        node.annotation = _name(f"_{kind}_" if kind in FIELD_KINDS else "_Field_", node.annotation)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        """Guard the `__exit__` of classes."""
        node.decorator_list = self._visit_all(node.decorator_list)
        node.args = self.visit(node.args)
        node.returns = None
        if self._in_class() and node.name == "__exit__":
            node.decorator_list.insert(0, _name("_exit_", node))
        node.body = self._inside(node, node.body)
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """Leave parameters as they are, without annotation."""
        node.annotation = None
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Leave lambda as it is."""
        return self.node_contents_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Let the bases go through a guard."""
        node.decorator_list = self._visit_all(node.decorator_list)
        node.keywords = self._visit_all(node.keywords)
        bases = ast.copy_location(ast.Call(_name("_bases_", node), self._visit_all(node.bases), []), node)
        node.bases = [ast.copy_location(ast.Starred(bases, ast.Load()), node)]
        node.body = self._inside(node, node.body)
        return node

    def visit_Match(self, node: ast.Match) -> ast.AST:
        """Let the class of every class pattern go through a guard, just before the case is tried."""
        node.subject = self.visit(node.subject)
        node.cases = [part for case in node.cases for part in self._guarded(case)]
        return node

    def _guarded(self, case: ast.match_case) -> list[ast.match_case]:
        case = self.node_contents_visit(case)
        patterns = [part for part in ast.walk(case.pattern) if isinstance(part, ast.MatchClass)]
        if not patterns:
            return [case]
        # Python takes only a name as the class of a pattern. A case that never matches gives the names their meaning.
        named: list[ast.expr] = []
        for number, pattern in enumerate(patterns):
            at, name = pattern.cls, f"_class{number}_"
            guarded = _call("_class_", at, ast.copy_location(ast.Constant(len(pattern.patterns)), at))
            named.append(ast.NamedExpr(ast.copy_location(ast.Name(name, ast.Store()), at), guarded))
            pattern.cls = _name(name, at)
        never = ast.UnaryOp(ast.Not(), ast.Tuple(named, ast.Load()))
        before = ast.match_case(ast.MatchAs(), never, [ast.Pass()])
        for part in (before.pattern, *before.body, never, never.op, never.operand, *named):
            ast.copy_location(part, case.pattern)
        return [before, case]

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """Let a bare `except:` catch what a harness may catch."""
        node = self.node_contents_visit(node)
        if node.type is None:
            node.type = _name("_Exception_", node)
        return node

    visit_Module = visit_Name = visit_Subscript = visit_Call = visit_keyword = visit_arguments = visit_Assign = (
        visit_For
    ) = visit_If = visit_With = visit_Import = visit_ImportFrom = visit_Global = visit_Nonlocal = visit_Await = (
        visit_Yield
    ) = visit_YieldFrom = visit_GeneratorExp = visit_comprehension = visit_match_case = visit_MatchValue = (
        visit_MatchSingleton
    ) = visit_MatchSequence = visit_MatchMapping = visit_MatchClass = visit_MatchStar = visit_MatchAs = (
        visit_MatchOr
    ) = RestrictingNodeTransformer.node_contents_visit

    # Of newer Pythons than the language; RestrictedPython would let them pass.
    visit_TemplateStr = visit_Interpolation = visit_AsyncFor = visit_AsyncWith = visit_TryStar = not_allowed


def _name(name: str, at: ast.AST) -> ast.Name:
    return ast.copy_location(ast.Name(name, ast.Load()), at)


def _constant(value: str | None, at: ast.AST) -> ast.Constant:
    return ast.copy_location(ast.Constant(value), at)


def _call(guard: str, value: ast.expr, *more: ast.expr) -> ast.Call:
    return ast.copy_location(ast.Call(_name(guard, value), [value, *more], []), value)
