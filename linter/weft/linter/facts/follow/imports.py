"""What imported names and names that nothing binds stand for."""

from __future__ import annotations

import ast
import builtins

from weft.linter.facts.domain.code import Module, Native
from weft.linter.facts.domain.holding import IMPOSSIBLE
from weft.linter.facts.domain.values import Budget, Text, Value
from weft.linter.facts.follow.machine import Machine
from weft.primitives.language.modules import MODULES
from weft.primitives.language.vocabulary import VOCABULARY

__all__ = ["bind_imports", "free_name", "member"]

_SMALL, _LARGE = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = {
    "ascii_lowercase": _SMALL,
    "ascii_uppercase": _LARGE,
    "ascii_letters": _SMALL + _LARGE,
    "digits": "0123456789",
}

_UNDERSTOOD = {("asyncio", "gather")}
"""What is no part of the language and is understood nevertheless, so that one wrong import does not hide the bound."""

_BUILTINS = frozenset(dir(builtins))
_OFFERED = frozenset(VOCABULARY)


def bind_imports(m: Machine, node: ast.Import | ast.ImportFrom) -> None:
    """Follow an import statement."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            m.bind(alias.asname or alias.name, member(m, node.module or "", alias.name))
        elif alias.asname is not None:
            m.bind(alias.asname, Module(name=alias.name))
        else:
            name = alias.name.partition(".")[0]
            m.bind(name, Module(name=name))


def member(m: Machine, module: str, name: str) -> Value:
    """Return what a module has under a name."""
    if module.partition(".")[0] == "weft":
        return Module(name=f"{module}.{name}") if name == "primitives" else _offered(m, name)
    if module == "string" and name in _LETTERS:
        letters = _LETTERS[name]
        return Text(const=letters, words=letters, most=len(letters))
    if module.partition(".")[0] in MODULES or (module, name) in _UNDERSTOOD:
        return Native(name=f"{module}.{name}")
    return IMPOSSIBLE


def free_name(m: Machine, name: str) -> Value:
    """Return what a name that nothing binds stands for: a primitive or a built-in."""
    if name in _OFFERED:
        return _offered(m, name)
    return Native(name=name) if name in _BUILTINS else IMPOSSIBLE


def _offered(m: Machine, name: str) -> Value:
    if name == "args":
        return m.arguments
    if name == "budget":
        return Budget()
    return Native(name=f"weft.{name}") if name in _OFFERED else IMPOSSIBLE
