"""Names that a harness reads and that nothing gives a meaning: no line of it, no import, and not the language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from weft.linter.effort import every
from weft.linter.facts.names import scopes_in
from weft.linter.near import near_miss
from weft.primitives.language import ENTRY
from weft.primitives.language.builtin import BUILTINS, HABIT_BUILTINS, HIDDEN_BUILTINS, builtin_advice
from weft.primitives.language.modules import EXPORTS, MODULES, PRIMITIVES
from weft.primitives.language.scopes import Scope
from weft.primitives.tools import TOOLS

__all__ = ["undefined_names"]

_OFFERED = EXPORTS[PRIMITIVES]
_KNOWN = _OFFERED | BUILTINS | HABIT_BUILTINS


_FROM_JAVASCRIPT = {"null": "None", "undefined": "None", "console": "log(…)"}
"""What is meant by names of the language in which models have seen other harnesses."""


def undefined_names(tree: ast.Module) -> Iterator[tuple[ast.Name, str, bool]]:
    """Yield the first reading of each name that means nothing, what to write instead, and whether it is surely read.

    What stands under a condition, or in a function that nothing names, may never be read.
    """
    scopes = scopes_in(tree)
    if any(found.name == "*" for found in scopes.imports):
        return  # such an import is refused; until it is gone nobody can say which names it was for
    free = [found for found in scopes.free if _means_nothing(found[0].id)]
    sure = _surely_read(tree) if free else set[ast.AST]()
    seen: set[str] = set()
    for node, scope in sorted(free, key=lambda found: (found[0] not in sure, found[0].lineno, found[0].col_offset)):
        if node.id not in seen:
            seen.add(node.id)
            yield node, _instead(node.id, scope), node in sure


def _means_nothing(name: str) -> bool:
    # Names that Python sets itself are closed, which is told elsewhere.
    return name not in _KNOWN | HIDDEN_BUILTINS and not (name.startswith("__") and name.endswith("__"))


def _surely_read(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes that a run gets to if it gets that far: no condition decides, and something names the function.

    Loops are taken to have a round, and guards before it (`if not items: return`) to let the run pass.
    """
    named = {node.id for node in every(tree, ast.Name)} | {ENTRY}
    found: set[ast.AST] = set()
    open_nodes: list[ast.AST] = [tree]
    while open_nodes:
        node = open_nodes.pop()
        found.add(node)
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name not in named:
                open_nodes += [*node.decorator_list, node.args]
            case ast.Lambda(args=args):
                open_nodes.append(args)
            case _:
                open_nodes += _next(node)
    return found


def _next(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in a node and is evaluated whenever the node is."""
    match node:
        case ast.If(test=first) | ast.IfExp(test=first) | ast.While(test=first) | ast.Match(subject=first):
            yield first
        case ast.For(target=target, iter=items, body=body):
            yield from (target, items, *_until_it_leaves(body))
        case ast.GeneratorExp(generators=[first, *_]):
            yield first.iter
        case ast.BoolOp(values=[first, *_]) | ast.Assert(test=first):
            yield first
        case ast.Compare(left=left, comparators=[first, *_]):
            yield from (left, first)
        case ast.Try(handlers=[_, *_], finalbody=last):
            yield from _until_it_leaves(last)
        case _:
            for _, value in ast.iter_fields(node):
                if isinstance(value, list):
                    yield from _until_it_leaves(value)
                elif isinstance(value, ast.AST):
                    yield value


def _until_it_leaves(nodes: list[Any]) -> Iterator[ast.AST]:
    for node in nodes:
        if isinstance(node, ast.AST):
            yield node
        if isinstance(node, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
            return


def _instead(name: str, scope: Scope) -> str:
    if name.lower() in MODULES:
        return f"import {name.lower()}"
    if name in _FROM_JAVASCRIPT:
        return f"write {_FROM_JAVASCRIPT[name]}"
    if name in TOOLS:
        return f'it is a tool: await tool("{name}", {", ".join(f"{key}=…" for key in TOOLS[name])})'
    near = near_miss(name, {*scope.visible(), *_OFFERED, *BUILTINS})
    if near is not None:
        return f"did you mean {near}? If not, give it a value before, or make it a parameter"
    for module in MODULES:
        if name in EXPORTS[module]:
            return f"from {module} import {name}"
    advice = builtin_advice(name)
    return advice if advice != "leave it out" else "give it a value before, or make it a parameter"
