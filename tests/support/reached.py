"""Which statements of a harness are reached while it is executed in the test's own process."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Reached", "statements"]


class Reached:
    """Notes the lines of one file that are executed; as `without_processes(patch, watching=…)` takes it."""

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self.lines: set[int] = set()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Note what is executed meanwhile."""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)

    def _called(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        return self._went_on if frame.f_code.co_filename == self._filename else None

    def _went_on(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        self.lines.add(frame.f_lineno)
        return self._went_on

    def missing(self, source: str, but: Iterable[str] = ()) -> dict[int, str]:
        """Return the statements of which no line was executed, `but` those of some functions: line and beginning."""
        text, tree = source.split("\n"), ast.parse(source)
        tree.body = [node for node in tree.body if getattr(node, "name", None) not in but]
        found = statements(tree)
        return {first: text[first - 1].strip() for first, lines in found if not lines & self.lines}


def statements(tree: ast.Module) -> Iterator[tuple[int, set[int]]]:
    """Yield each statement within a function that does something: its first line, and all lines that are its own."""
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in function.body:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.stmt) and not _says_nothing(inner):
                        yield inner.lineno, set(range(inner.lineno, _end(inner) + 1))


def _says_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _end(node: ast.stmt) -> int:
    """Return the last line that is the statement's own, and not its block's."""
    blocks = [inner.lineno for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.stmt)]
    end = node.end_lineno or node.lineno
    return min([end, *(line - 1 for line in blocks if line > node.lineno)])
