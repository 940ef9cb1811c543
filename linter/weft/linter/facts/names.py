"""Names that the syntax alone tells: of dicts and their keys, of methods, of what is given a value from elsewhere."""

from __future__ import annotations

import ast
from functools import lru_cache

from weft.linter.effort import every, walk
from weft.primitives.language.scopes import Scopes

__all__ = ["acts", "dict_names", "method_names", "rebound_names", "scopes_in", "written_keys"]


@lru_cache(maxsize=2)
def scopes_in(tree: ast.Module) -> Scopes:
    """Return the scopes of a harness."""
    return Scopes(tree)


def dict_names(tree: ast.Module) -> dict[ast.expr, str]:
    """Return the names of the dicts that are assigned to one."""
    assigned = [(node.targets[0], node.value) for node in every(tree, ast.Assign)]
    assigned += [(node.target, node.value) for node in every(tree, ast.NamedExpr)]
    assigned += [(node.target, node.value) for node in every(tree, ast.AnnAssign) if node.value is not None]
    return {
        value: target.id for target, value in assigned if isinstance(target, ast.Name) and isinstance(value, ast.Dict)
    }


def written_keys(tree: ast.Module) -> set[str]:
    """Return the keys that the harness itself puts into some dict by `d["key"] = …` and its like."""
    found: set[str] = set()
    for node in (*every(tree, ast.Subscript), *every(tree, ast.Call)):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(key)), ctx=ast.Store()):
                found.add(key)
            case ast.Call(func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value=str(key)), *_]):
                found.add(key)
            case ast.Call(func=ast.Attribute(attr="update"), args=args, keywords=keywords):
                found |= {keyword.arg for keyword in keywords if keyword.arg is not None}
                dicts = [argument for argument in args if isinstance(argument, ast.Dict)]
                found |= {str(key.value) for one in dicts for key in one.keys if isinstance(key, ast.Constant)}
    return found


def rebound_names(tree: ast.Module) -> frozenset[str]:
    """Return the names that code gives a value from elsewhere: attributes, and variables of outer scopes."""
    found = {name for node in every(tree, ast.Global) for name in node.names}
    found |= {name for node in every(tree, ast.Nonlocal) for name in node.names}
    found |= {node.attr for node in every(tree, ast.Attribute) if not isinstance(node.ctx, ast.Load)}
    for node in every(tree, ast.Call):
        match node:
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[_, ast.Constant(value=str(name)), *_]):
                found.add(name)
    return frozenset(found)


def method_names(tree: ast.Module) -> frozenset[str]:
    """Return the names of all methods of the harness's own classes."""
    bodies = (statement for node in every(tree, ast.ClassDef) for statement in node.body)
    return frozenset(one.name for one in bodies if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)))


@lru_cache(maxsize=4096)
def acts(node: ast.expr) -> bool:
    """Tell whether evaluating an expression may change something."""
    kinds = (ast.Call, ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)
    return any(isinstance(inner, kinds) for inner in walk(node))
