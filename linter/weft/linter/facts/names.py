"""Names that dicts and their keys are given."""

from __future__ import annotations

import ast

from weft.linter.effort import walk

__all__ = ["dict_names", "written_keys"]


def dict_names(tree: ast.Module) -> dict[ast.expr, str]:
    """Return the names of the dicts that are assigned to one."""
    found: dict[ast.expr, str] = {}
    for node in walk(tree):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Dict):
            found[value] = target.id
    return found


def written_keys(tree: ast.Module) -> set[str]:
    """Return the keys that the harness itself puts into some dict by `d["key"] = …` and its like."""
    found: set[str] = set()
    for node in walk(tree):
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
