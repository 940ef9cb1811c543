"""What a function of a project gives, as JSON Schema, read off its annotation: the module is not imported for that.

For rehearsals, which come before a yes to what would be imported. What is not understood may be anything.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weft.primitives.language.parsing import parse, parse_expression
from weft.runtime.project.files import read_text

__all__ = ["gives"]

Schema = dict[str, Any]

PLAIN: Mapping[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "dict": {"type": "object"},
    "list": {"type": "array"},
}

LISTS = {"list", "List", "set", "frozenset", "Sequence", "Iterable", "Collection", "Set"}
DICTS = {"dict", "Dict", "Mapping", "MutableMapping"}
AROUND = {"Annotated", "Required", "NotRequired", "ReadOnly", "Final"}
"""What says more of a type than what it is."""

TUPLES = {"NamedTuple", "Enum", "IntEnum", "StrEnum"}
"""Classes of which that is not read."""

DEEPEST = 6
"""How deep types are read; below, there may be anything."""


def gives(function: str, folder: Path) -> Schema | None:
    """Return what a function gives; `None` where nothing is known of it.

    Args:
        function: Where it is, as in `package.module:name`.
        folder: In which its module is looked for.
    """
    module, _, name = function.partition(":")
    place = folder.joinpath(*module.split("."))
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        try:
            tree = parse(read_text(file))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name and node.returns:
                return _Types(tree).schema(node.returns, 0) or None
    return None


class _Types:
    """Reads the types of a module."""

    def __init__(self, tree: ast.Module) -> None:
        self._classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}

    def schema(self, node: ast.expr, depth: int) -> Schema:
        """Return what fits a type; anything, where that is not understood."""
        if depth > DEEPEST:
            return {}
        match node:
            case ast.Constant(value=None):
                return dict(PLAIN["None"])
            case ast.Constant(value=str(text)):
                return self._written(text, depth)
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return {"anyOf": [self.schema(left, depth + 1), self.schema(right, depth + 1)]}
            case ast.Subscript(value=kind, slice=inner):
                return self._made_of(_last(kind), inner.elts if isinstance(inner, ast.Tuple) else [inner], depth + 1)
            case ast.Name() | ast.Attribute():
                name = _last(node)
                if name in self._classes:
                    return self._fields(self._classes[name], depth + 1)
                return dict(PLAIN.get("list" if name in LISTS else "dict" if name in DICTS else name, {}))
        return {}

    def _written(self, text: str, depth: int) -> Schema:
        try:
            return self.schema(parse_expression(text).body, depth + 1)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}

    def _made_of(self, kind: str, of: list[ast.expr], depth: int) -> Schema:
        if kind in LISTS:
            return {"type": "array", "items": self.schema(of[0], depth)}
        if kind in DICTS:
            return {"type": "object", "additionalProperties": self.schema(of[-1], depth)}
        if kind in AROUND:
            return self.schema(of[0], depth)
        if kind == "Optional":
            return {"anyOf": [self.schema(of[0], depth), dict(PLAIN["None"])]}
        if kind == "Union":
            return {"anyOf": [self.schema(one, depth) for one in of]}
        if kind == "Literal":
            return {"enum": [one.value for one in of if isinstance(one, ast.Constant)]}
        if kind == "tuple":
            return self._tuple(of, depth)
        return {}

    def _tuple(self, of: list[ast.expr], depth: int) -> Schema:
        if len(of) == 2 and isinstance(of[1], ast.Constant) and of[1].value is ...:
            return {"type": "array", "items": self.schema(of[0], depth)}
        parts = [self.schema(one, depth) for one in of]
        return {"type": "array", "prefixItems": parts, "minItems": len(parts), "maxItems": len(parts)}

    def _fields(self, node: ast.ClassDef, depth: int) -> Schema:
        """Return what fits a class whose fields are annotated: a typed dict, a data class, a model."""
        bases = [_last(base) for base in node.bases]
        if depth > DEEPEST or TUPLES & {*bases}:
            return {}
        inherited = [self._fields(self._classes[name], depth + 1) for name in bases if name in self._classes]
        named = {
            part.target.id: part.annotation
            for part in node.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        }
        properties = {name: said for one in inherited for name, said in one.get("properties", {}).items()}
        properties |= {name: self.schema(said, depth) for name, said in named.items()}
        total = all(not _is_false(word.value) for word in node.keywords if word.arg == "total")
        open_ = {name for name, said in named.items() if not total or _kind(said) == "NotRequired"}
        required = [name for one in inherited for name in one.get("required", ())]
        required += [name for name in named if name not in open_]
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _last(node: ast.expr) -> str:
    """Return the last name of a type, as `Any` of `typing.Any`."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _kind(node: ast.expr) -> str:
    return _last(node.value) if isinstance(node, ast.Subscript) else ""


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
