"""Saved harnesses as one step of another: what `workflow("name")` costs."""

from __future__ import annotations

import ast
from collections.abc import Callable

from weft.linter.effort import TooComplex
from weft.linter.facts.domain.amounts import ZERO, endless
from weft.linter.facts.domain.cost import Agents, agents, least, started, tokens
from weft.linter.facts.domain.holding import ANY
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.values import Value
from weft.linter.facts.follow.machine import Machine
from weft.primitives.language import MAX_WORKFLOW_DEPTH
from weft.primitives.language.source import SourceRefused, read

__all__ = ["Saved"]


class Saved:
    """Follows saved harnesses with the arguments that they are given."""

    def __init__(
        self,
        source_of: Callable[[str], str | None] | None,
        follow: Callable[[Machine, ast.Module, Value | None], Value],
        running: tuple[str, ...] = (),
    ) -> None:
        self._source_of = source_of
        self._follow = follow
        self._running = running

    def step(self, m: Machine, name: str | None, given: Value, node: ast.AST) -> Value:
        """Follow a saved harness, add what it costs, and return what it gives."""
        line = getattr(node, "lineno", 0)
        source = self._source_of(name) if self._source_of is not None and name is not None else None
        tree = _parsed(source) if source is not None else None
        if name is None or tree is None or name in self._running or len(self._running) >= MAX_WORKFLOW_DEPTH:
            text = f"workflow({name!r})" if name is not None else "workflow(…)"
            why = f"the saved harness of {text} is not known"
            reason = Reason(line, why, "save it first, or call its functions here", "unknown", f"cost({text})")
            m.state.cost += (started(line, text, Interval(ZERO, endless(reason))),)
            return ANY
        inner = Machine(tree, m.tables, Saved(self._source_of, self._follow, (*self._running, name)).step)
        self._follow(inner, tree, given)
        if inner.skipped:
            raise TooComplex(f"the saved harness {name} cannot be followed")
        cost = inner.state.cost
        m.steps += inner.steps
        m.state.cost += (Agents(line, f"workflow({name!r})", least(cost), agents(cost), tokens(cost)),)
        return ANY


def _parsed(source: str) -> ast.Module | None:
    try:
        return read(source)
    except (SyntaxError, SourceRefused):
        return None
