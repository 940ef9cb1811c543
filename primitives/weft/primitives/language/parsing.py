"""Python's own parser and compiler, entered by one thread at a time, and without their advice.

Up to Python 3.12 all threads share the depth that the parser counts while it makes a tree. If a collection of garbage
lets another thread in meanwhile, and that one parses too, both fail with "AST constructor recursion depth mismatch"
(CPython's issue 106905). `warnings.catch_warnings` is not for two threads at once either. What a tree must be in order
to be a harness says `source`.
"""

from __future__ import annotations

import ast
import warnings
from _thread import RLock  # `threading` is more than the process of a harness has any use for
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

__all__ = ["compiled", "parse", "parse_expression"]

_one_at_a_time = RLock()  # a finalizer may parse in the midst of its own thread's parsing


def parse(source: str | bytes, filename: str = "harness.py") -> ast.Module:
    """Return the tree of a module, like `ast.parse`.

    Raises:
        SyntaxError: the source is not Python.
        ValueError, RecursionError, MemoryError, OverflowError: the parser cannot hold what it says.
    """
    with _alone():
        return ast.parse(source, filename)


def parse_expression(source: str) -> ast.Expression:
    """Return the tree of one expression; it raises what `parse` raises."""
    with _alone():
        return ast.parse(source, mode="eval")


def compiled(tree: ast.Module, filename: str) -> CodeType:
    """Return the code of a tree, docstrings and assertions included; it raises what `parse` raises."""
    with _alone():
        return compile(tree, filename, "exec", dont_inherit=True, optimize=0)


@contextmanager
def _alone() -> Iterator[None]:
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice about style, such as on "\d", is the linter's
        yield
