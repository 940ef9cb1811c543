"""A harness that takes too long to follow: each of its functions looked at by itself, and what is plain to see."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from weft.linter.effort import TOO_MUCH, allowance, inside
from weft.linter.facts.domain.amounts import ONE, endless
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.repeating import Loop
from weft.primitives.language.nodes import children

__all__ = ["Unfollowed", "functions_in", "look_apart", "plainly_endless"]

_STEPS = 600_000
"""How many steps may be taken on all functions together."""

_LEAST = 20_000
"""How many of them each function may take, however many there are."""


@dataclass(slots=True)
class Unfollowed:
    """What of a harness was not followed."""

    gave_up: str = ""
    """Why it was not followed as a whole; empty where it was."""
    at: ast.AST | None = None
    """Where that became clear."""
    skipped: dict[ast.stmt, str] = field(default_factory=dict)
    """Statements that were passed over, and why."""
    functions: list[tuple[str, int]] = field(default_factory=list)
    """The functions that were not followed to their ends, not even by themselves, and on which lines they begin."""
    failure: Exception | None = None
    """The fault of the linter itself for which the harness was not followed."""

    def __bool__(self) -> bool:
        return bool(self.gave_up or self.skipped or self.functions or self.failure)


def functions_in(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions of a harness."""
    return (node for node in inside(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def look_apart(
    tree: ast.Module,
    begin: Callable[[], object],
    follow: Callable[[ast.FunctionDef | ast.AsyncFunctionDef], object],
) -> Iterator[tuple[str, int]]:
    """Follow the top level of a harness and each function, none where it is called; yield what was left unfinished."""
    functions = [*functions_in(tree)]
    each = max(_LEAST, _STEPS // (len(functions) + 1))
    with allowance(_STEPS):
        if not _finishes(begin, each):
            yield "the top level", 1
        for node in functions:
            if not _finishes(partial(follow, node), each):
                yield f"`{node.name}`", node.lineno


def _finishes(follow: Callable[[], object], steps: int) -> bool:
    try:
        with allowance(steps):
            follow()
    except TOO_MUCH:
        return False
    return True


def plainly_endless(tree: ast.Module, known: set[ast.AST]) -> Iterator[Loop]:
    """Yield the loops, besides those that are known, that wait for something again and again and have no exit."""
    for node in inside(tree):
        if not isinstance(node, ast.While) or node in known or not _is_true(node.test):
            continue
        own = [*_own_nodes(node)]
        if not any(map(_leaves, own)) and any(isinstance(one, ast.Await) for one, _ in own):
            why = f"the loop at line {node.lineno} has no proved end: nothing in it ends it"
            reason = Reason(node.lineno, why, "give it an end", "loop", "rounds")
            loop = Loop(node, "while", node.test, cause="exitless", reason=reason)
            loop.rounds, loop.agents = endless(reason), ONE
            yield loop


def _is_true(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _leaves(one: tuple[ast.AST, bool]) -> bool:
    node, in_inner_loop = one
    return isinstance(node, (ast.Return, ast.Raise)) or (isinstance(node, ast.Break) and not in_inner_loop)


def _own_nodes(loop: ast.While) -> Iterator[tuple[ast.AST, bool]]:
    """Yield what is in a loop and in no function there, and whether it is in the body of a loop within."""
    waiting: list[tuple[ast.AST, bool]] = [(statement, False) for statement in loop.body]
    while waiting:
        node, inner = waiting.pop()
        yield node, inner
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            body = {*node.body} if isinstance(node, (ast.For, ast.While)) else set()
            waiting += ((child, inner or child in body) for child in children(node))
