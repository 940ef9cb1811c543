"""The code that some expressions reach through the functions of the harness, and whether it only reads."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.events import PrimitiveCalled
from weft.linter.facts.places import uses

__all__ = ["Reached"]

_PRIMITIVES = {"agent", "verify", "synthesize", "parallel", "pipeline", "log", "now", "union", "quorum"}
_BUILTINS = {
    "abs",
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "float",
    "int",
    "isinstance",
    "len",
    "list",
    "max",
    "min",
}
_BUILTINS |= {"range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip"}
_METHODS = {"casefold", "count", "endswith", "get", "items", "join", "keys", "lower", "replace", "split", "splitlines"}
_METHODS |= {"startswith", "strip", "title", "upper", "values"}
"""What may be called: nothing that changes anything, however often and in which order."""

_CHANGES = (ast.Global, ast.Nonlocal, ast.NamedExpr, ast.Yield, ast.YieldFrom)


class Reached:
    """What can be reached in one harness."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.primitives = {event.call.node: event.name for event in facts.each(PrimitiveCalled)}
        self.free = {name for name, _ in facts.scopes.free}

    def function(self, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """Return the function of the harness that a name means wherever it is read."""
        tree = self.facts.tree
        body = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        found = [node for node in body if node.name == name]
        binding = [node for node in self.facts.scopes.nodes() if name in self.facts.scopes.of(node).bound]
        written = any(not isinstance(use.ctx, ast.Load) for use in uses(tree, name))
        return found[0] if len(found) == 1 and binding == [tree] and not written else None

    def nodes(self, starts: Iterable[ast.AST]) -> Iterator[ast.AST]:
        """Yield the nodes of some code and of the functions that it names, each once."""
        waiting, known = list(starts), set[ast.AST]()
        while waiting:
            for node in walk(waiting.pop()):
                if node in known:
                    continue
                known.add(node)
                yield node
                function = self.function(node.id) if isinstance(node, ast.Name) else None
                if function is not None and function not in known:
                    known.add(function)
                    waiting += function.body

    def only_reads(self, starts: Iterable[ast.AST]) -> bool:
        """Tell whether code changes nothing but variables of its own."""
        return all(map(self._reads, self.nodes(starts)))

    def _reads(self, node: ast.AST) -> bool:
        match node:
            case ast.Call():
                return self._is_harmless(node)
            case ast.Attribute(ctx=context) | ast.Subscript(ctx=context):
                return isinstance(context, ast.Load)
        return not isinstance(node, _CHANGES)

    def _is_harmless(self, call: ast.Call) -> bool:
        if call in self.primitives:
            return self.primitives[call] in _PRIMITIVES
        match call.func:
            case ast.Name(id=name) as function:
                return self.function(name) is not None or (function in self.free and name in _BUILTINS)
            case ast.Attribute(attr=name):
                return name in _METHODS
        return False

    def agents(self, start: ast.AST) -> list[ast.Call] | None:
        """Return the calls of `agent` in some code, if all of them belong to it alone and none names its phase."""
        found: list[ast.Call] = []
        for node in self.nodes([start]):
            name = self.primitives.get(node) if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Name) and self.function(node.id) is not None:
                if len(list(uses(self.facts.tree, node.id))) > 1:
                    return None
            elif isinstance(node, ast.Call) and name == "agent":
                if any(word.arg in ("phase", None) for word in node.keywords):
                    return None
                found.append(node)
            elif name is not None and name not in ("parallel", "pipeline", "log"):
                return None  # it starts agents of its own, or may
        return found
