"""What others see of a value: agents that are given it, and whoever reads what rests on which branch was first."""

from __future__ import annotations

import ast

from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.marks import Marks, about
from weft.linter.facts.domain.values import Value
from weft.linter.facts.events import OrderReached, Raced, RaceReached, SetOrder, TextWithAddress
from weft.linter.facts.follow.machine import Machine

__all__ = ["reach", "show"]


def show(m: Machine, value: Value, node: ast.AST) -> Marks:
    """Take note that an agent is given a value, and return all its marks."""
    marks = deep_marks(value) | m.state.control
    m.look(marks)
    reach(m, marks, node)
    for order in about(marks, "order"):
        if isinstance(order, SetOrder):
            m.note(OrderReached(order, node))
    for text in about(marks, "address"):
        if isinstance(text, TextWithAddress):
            m.note(text)
    return marks


def reach(m: Machine, marks: Marks, node: ast.AST) -> None:
    """Take note that something which others see rests on which branch finished first."""
    inside = about(marks, "raced")
    for race in about(marks, "order", "raced"):
        if isinstance(race, Raced):
            m.note(RaceReached(race, node, race in inside))
