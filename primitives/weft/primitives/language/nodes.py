"""Nodes of a syntax tree: what is in one, and one as it is read. What they mean is not known here."""

from __future__ import annotations

import ast

__all__ = ["children", "reading_of", "yields"]


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes directly in a node, like `ast.iter_child_nodes`, which takes five times as long.

    Left out is whether a name is read or written (`ctx`): one node says that of all names.
    """
    found: list[ast.AST] = []
    for name in _HOLDING[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += value if name not in _MIXED else [one for one in value if isinstance(one, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


_WORDS = frozenset(
    ("id", "attr", "arg", "asname", "module", "level", "kind", "type_comment", "conversion", "simple", "ctx")
)
"""Fields that hold no nodes of their own, in whatever kind of node they are."""


_MIXED = frozenset(("keys", "kw_defaults", "names", "kwd_attrs"))
"""Fields with lists in which something may be no node: an entry that is left out, or a name."""


class _Holding(dict[type, tuple[str, ...]]):
    """The fields of each kind of node that may hold nodes."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        found = () if issubclass(kind, ast.Constant) else tuple(name for name in kind._fields if name not in _WORDS)
        self[kind] = found
        return found


_HOLDING = _Holding()


def yields(function: ast.AST) -> bool:
    """Tell whether a function yields, and so is a generator; what is in another function within it does not count."""
    waiting = children(function)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += children(node)
    return False


def reading_of(target: ast.Name | ast.Attribute | ast.Subscript) -> ast.expr:
    """Return the target of an augmented assignment as an expression that reads it."""
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
        case ast.Attribute(value=value, attr=name):
            return ast.copy_location(ast.Attribute(value, name, ast.Load()), target)
        case ast.Subscript(value=value, slice=index):
            return ast.copy_location(ast.Subscript(value, index, ast.Load()), target)
