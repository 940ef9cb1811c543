"""From the source of a harness to code that may run in a world of `world`.

What the language has, `weft.primitives.language` says; how it is guarded while it runs, `transformer` and `guards`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import CodeType

from weft.primitives.language.parsing import compiled
from weft.primitives.language.refusals import refusals
from weft.primitives.language.scopes import Scopes
from weft.primitives.language.source import SourceRefused, read
from weft.sandbox.errors import PolicyError
from weft.sandbox.transformer import HarnessTransformer

__all__ = ["compile_harness"]


def compile_harness(source: str, filename: str, mark: Callable[[ast.Module], object] | None = None) -> CodeType:
    """Compile a harness for a world of `world.build_world`.

    Args:
        source: Its text.
        filename: What its frames are told by.
        mark: Puts marks into it once it is known to be in the language, before it is guarded.

    Raises:
        SyntaxError: the source is not Python.
        PolicyError: it is Python, and more than the language of a harness has.
    """
    try:
        tree = read(source, filename)
        for refusal in refusals(tree, Scopes(tree)):
            raise PolicyError(str(refusal), refusal.line)
        if mark is not None:
            mark(tree)
        guarded = HarnessTransformer().visit(tree)
        return compiled(guarded, filename)
    except SourceRefused as error:
        raise PolicyError(error.what, error.line) from error
    except (RecursionError, MemoryError, OverflowError, ValueError) as error:
        raise PolicyError("the source is nested too deeply, or a number in it is too large") from error
