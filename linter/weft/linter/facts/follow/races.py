"""What branches that run at the same time write: in which order they do is up to which agent answers first."""

from __future__ import annotations

import ast
from dataclasses import replace

from weft.linter.facts.domain.marks import NO_MARKS, Mark, Marks
from weft.linter.facts.domain.state import Cell
from weft.linter.facts.domain.values import Birth
from weft.linter.facts.events import FanOut, Raced
from weft.linter.facts.follow.machine import Machine

__all__ = ["forget_races", "racing", "written"]


def racing(m: Machine, place: Cell | Birth) -> FanOut | None:
    """Return the fan-out whose branches write a variable or a container in the order in which agents answer."""
    for branch in m.branches:
        if branch not in m.state.waited or not branch.shares(place):
            continue
        writers = m.writers.setdefault((branch.fanout, place), set())
        others = writers - {branch}
        writers.add(branch)
        if others or not branch.alone:
            return branch.fanout
    return None


def written(m: Machine, place: Cell | Birth, node: ast.AST, *, ordered: bool) -> Marks:
    """Return the marks of what is written here; `ordered`: the order of the writes shows in it."""
    fanout = racing(m, place)
    if fanout is None:
        return NO_MARKS
    race = Raced(node, fanout)
    return frozenset((Mark("raced", race), *((Mark("order", race),) if ordered else ())))


def forget_races(m: Machine, fanout: FanOut) -> None:
    """No branch runs any longer; what they wrote stays as it is."""
    if any(of is fanout for of, _ in m.writers):
        m.state.change(
            lambda value: (
                replace(value, marks=frozenset(mark for mark in value.marks if not _is_over(mark, fanout)), root=None)
                if any(_is_over(mark, fanout) for mark in value.marks)
                else None
            )
        )


def _is_over(mark: Mark, fanout: FanOut) -> bool:
    return mark.kind == "raced" and isinstance(mark.of, Raced) and mark.of.fanout is fanout
