"""From the source of a harness to code that may run in a world of `world`. What the language has says `transformer`."""

from __future__ import annotations

import ast
import warnings
from types import CodeType

from weft.primitives.language import MAX_SOURCE_BYTES
from weft.sandbox.errors import PolicyError
from weft.sandbox.transformer import HarnessTransformer

__all__ = ["compile_harness"]


def compile_harness(source: str, filename: str) -> CodeType:
    """Compile a harness for a world of `world.build_world`.

    Raises:
        SyntaxError: the source is not Python.
        PolicyError: it is Python, and more than the language of a harness has.
    """
    _check_text(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice about style is the linter's
            tree = ast.parse(source, filename)
            allowed = HarnessTransformer(_bound_names(tree)).visit(tree)
            return compile(allowed, filename, "exec", dont_inherit=True, optimize=0)
    except (RecursionError, MemoryError, OverflowError, ValueError) as error:
        raise PolicyError("the source is nested too deeply, or a number in it is too large") from error


def _check_text(source: str) -> None:
    try:
        size = len(source.encode())
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        raise PolicyError("the source has half a character in it (a lone surrogate)", line) from None
    if size > MAX_SOURCE_BYTES:
        raise PolicyError(f"the source has {size} bytes; a harness has at most {MAX_SOURCE_BYTES}")
    if "\0" in source:
        raise PolicyError("the source has a NUL character in it", source[: source.index("\0")].count("\n") + 1)


def _bound_names(tree: ast.AST) -> frozenset[str]:
    """Return all names that the source gives a meaning to, anywhere."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                bound.add(name)
            case ast.MatchMapping(rest=str(name)):
                bound.add(name)
            case ast.alias(name=name, asname=asname):
                bound.add(asname or name.split(".")[0])
    return frozenset(bound)
