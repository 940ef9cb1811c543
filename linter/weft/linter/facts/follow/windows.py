"""How wide a slice is that begins anywhere and ends so much further: `xs[a : a + 3]`. The others are in `sequences`."""

from __future__ import annotations

import ast

from weft.linter.effort import unparsed, walk
from weft.linter.facts.domain.amounts import Amount
from weft.linter.facts.domain.values import Number
from weft.linter.facts.follow.machine import Machine

__all__ = ["width"]

_PLAIN = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.operator, ast.expr_context)
"""What gives the same each time that it is evaluated, when nothing happens in between."""


def width(m: Machine, node: ast.Slice) -> Amount | None:
    """Return how many elements a slice has at most, wherever it begins, before 0 too; `None` where its ends differ."""
    match node:
        case ast.Slice(
            lower=ast.expr() as lower, upper=ast.BinOp(left=left, op=ast.Add(), right=right) as upper, step=None
        ):
            for begin, more in ((left, right), (right, left)):
                if unparsed(begin) == unparsed(lower) and all(isinstance(one, _PLAIN) for one in walk(upper)):
                    value = m.evaluate(more)
                    return value.high if isinstance(value, Number) and value.whole and not value.high.reasons else None
    return None
