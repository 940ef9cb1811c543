"""Names that a harness reads and that nothing gives a meaning: no line of it, no import, and not the language."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from importlib import import_module

from weft.linter.facts.follow.imports import PRIMITIVES
from weft.linter.facts.names import Scope, Scopes
from weft.linter.facts.signatures import PLANNED
from weft.linter.near import near_miss
from weft.primitives.language import BUILTINS, MODULES, TYPES, VOCABULARY

__all__ = ["undefined_names"]

_OFFERED = frozenset((*VOCABULARY, *TYPES))
_TOLD_ELSEWHERE = frozenset((*dir(builtins), *PLANNED, "copyright", "credits", "exit", "help", "license", "quit"))
"""What a rule refuses with its own reason: built-ins that are closed, and primitives that are not there yet."""


def undefined_names(tree: ast.Module) -> Iterator[tuple[ast.Name, str]]:
    """Yield the first reading of each name that means nothing, and what to write instead."""
    scopes = Scopes(tree)
    if any(found.name == "*" and found.module != PRIMITIVES for found in scopes.imports):
        return  # such an import is refused; until it is gone nobody can say which names it was for
    seen: set[str] = set()
    for node, scope in sorted(scopes.free, key=lambda found: (found[0].lineno, found[0].col_offset)):
        name = node.id
        if name in seen or name in _OFFERED or name in _TOLD_ELSEWHERE or _is_pythons(name):
            continue
        seen.add(name)
        yield node, _instead(name, scope)


def _is_pythons(name: str) -> bool:
    """Tell whether a name is one that Python sets itself; most of these are closed, which is told elsewhere."""
    return name.startswith("__") and name.endswith("__")


def _instead(name: str, scope: Scope) -> str:
    if name in MODULES:
        return f"import {name}"
    near = near_miss(name, {*scope.visible(), *_OFFERED, *BUILTINS})
    if near is not None:
        return f"did you mean {near}?"
    for module in MODULES:
        if name in getattr(import_module(module), "__all__", ()):
            return f"from {module} import {name}"
    return "give it a value before, or make it a parameter"
