"""Where something stands in the harness: what is around a node, which function, loop or block it belongs to.

Only the syntax tree is asked here. What is known of values is in `domain`, what happened in `events`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeVar

from weft.linter.effort import every, walk
from weft.primitives.language.nodes import children

__all__ = ["COMPREHENSIONS", "FUNCTIONS", "LOOPS", "Block", "FunctionNode", "Places", "reads", "uses"]

Node = TypeVar("Node", bound=ast.AST)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Block = list[ast.stmt]
"""Statements that follow one another."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LOOPS = (ast.For, ast.AsyncFor, ast.While, *COMPREHENSIONS)
_SCOPES = (ast.Module, ast.ClassDef, *FUNCTIONS, *COMPREHENSIONS)


class Places:
    """The places of all nodes of one harness. Every query takes a node of its tree, and leaves the node itself out."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.nodes = list(walk(tree))
        """All of them, outer ones before inner ones."""
        self.parents = {child: node for node in self.nodes for child in children(node)}

    def every(self, kind: type[Node]) -> Iterator[Node]:
        """Yield the nodes of one kind, outer ones before inner ones."""
        return iter(every(self.tree, kind))

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return what a node stands in; `None` for the module."""
        return self.parents.get(node)

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield all that a node stands in, from the inside out."""
        outer = self.parents.get(node)
        while outer is not None:
            yield outer
            outer = self.parents.get(outer)

    def within(self, node: ast.AST, outer: ast.AST) -> bool:
        """Tell whether a node is another one or stands in it."""
        return node is outer or outer in self.around(node)

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """Return the statement that an expression is part of, and a statement itself; `None` for the module."""
        here = (one for one in (node, *self.around(node)) if isinstance(one, ast.stmt))
        return next(here, None)

    def expressions(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield a node and what it stands in, as far as its statement, which is left out."""
        for one in (node, *self.around(node)):
            if isinstance(one, ast.stmt):
                return
            yield one

    def in_function(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a node stands in, as far as the function or lambda it belongs to, which is left out."""
        for one in self.around(node):
            if isinstance(one, FUNCTIONS):
                return
            yield one

    def function(self, node: ast.AST) -> FunctionNode | ast.Module:
        """Return the function or lambda that a node stands in, or the module."""
        return next((one for one in self.around(node) if isinstance(one, FUNCTIONS)), self.tree)

    def scope(self, node: ast.AST) -> ast.AST:
        """Return the module, class, function or comprehension that a node stands in."""
        return next((one for one in self.around(node) if isinstance(one, _SCOPES)), self.tree)

    def block(self, statement: ast.stmt) -> Block:
        """Return the statements among which one stands."""
        outer = self.parents[statement]
        blocks = (getattr(outer, name, None) for name in ("body", "orelse", "finalbody"))
        return next(block for block in blocks if isinstance(block, list) and statement in block)

    def in_try(self, statement: ast.stmt) -> bool:
        """Tell whether an error may lead from a statement to another one of its function."""
        return any(isinstance(one, (ast.Try, ast.TryStar)) for one in self.in_function(statement))

    def is_dropped(self, node: ast.expr) -> bool:
        """Tell whether an expression is a statement of its own, so that nobody reads its value."""
        return isinstance(self.parents.get(node), ast.Expr)

    def variable(self, node: ast.AST) -> str | None:
        """Return the first variable that an expression is assigned to as it is."""
        match self.parents.get(node):
            case ast.Assign(targets=[ast.Name(id=name), *_], value=value) if value is node:
                return name
        return None


@lru_cache(maxsize=1)  # rules ask this of one harness, of each of its names
def _written(tree: ast.Module) -> dict[str, list[ast.Name]]:
    found: dict[str, list[ast.Name]] = {}
    for node in every(tree, ast.Name):
        found.setdefault(node.id, []).append(node)
    return found


def uses(within: ast.AST, name: str) -> Iterator[ast.Name]:
    """Yield each place in some code where a name is written, whatever it means there."""
    if isinstance(within, ast.Module):
        return iter(_written(within).get(name, ()))
    return (node for node in walk(within) if isinstance(node, ast.Name) and node.id == name)


def reads(within: ast.AST, name: str) -> Iterator[ast.Name]:
    """Yield each place in some code where a name is read."""
    return (node for node in uses(within, name) if isinstance(node.ctx, ast.Load))
