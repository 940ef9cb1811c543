"""Which loops do the same again and again, so that what one finds may come back; and what several find."""

from __future__ import annotations

import ast

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ONE
from weft.linter.facts.domain.marks import Kind, about
from weft.linter.facts.domain.values import Number
from weft.linter.facts.remembering import Keyed
from weft.linter.facts.repeating import FanOut, Loop

__all__ = ["in_rounds", "is_round", "of_several"]

_LINEAGE: tuple[Kind, ...] = ("element", "mapped", "flat", "whole")
"""Marks of what rests on the results of a fan-out."""


def is_round(loop: Loop) -> bool:
    """Tell whether a loop asks the same again in each round, rather than something for each of several things.

    A loop that counts does so, unless it picks something by the number: an element, or a stretch of lines.
    """
    if loop.helper is not None or loop.kind == "while":
        return not loop.works_off
    if loop.kind != "for" or loop.over is None or not isinstance(loop.node, (ast.For, ast.AsyncFor)):
        return False
    numbers = bool(loop.over.parts) and all(isinstance(part.element, Number) for part in loop.over.parts)
    return numbers and not _picks(loop.node)


def _picks(node: ast.For | ast.AsyncFor) -> bool:
    """Tell whether the number that a loop counts is an index, or is multiplied to one."""
    counted = {name.id for name in walk(node.target) if isinstance(name, ast.Name)}
    for inner in walk(node):
        match inner:
            case ast.Subscript(slice=used) | ast.BinOp(op=ast.Mult(), left=used, right=ast.Constant()):
                pass
            case ast.BinOp(op=ast.Mult(), right=used):
                pass
            case _:
                continue
        if any(isinstance(name, ast.Name) and name.id in counted for name in walk(used)):
            return True
    return False


def in_rounds(facts: Facts, node: ast.AST) -> bool:
    """Tell whether the same is found again and again around here."""
    return any(is_round(loop) and facts.places.within(node, loop.node) for loop in facts.each(Loop))


def of_several(keyed: Keyed) -> bool:
    """Tell whether the items come from several branches."""
    return any(isinstance(of, FanOut) and of.width != ONE for of in about(keyed.marks, *_LINEAGE))
