"""Checking a harness: parse once, follow once, let each rule look, leave out what is suppressed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from weft.linter.bound import bound_of, unknown_bound, widths_of
from weft.linter.facts import gather
from weft.linter.facts.events import FanOut
from weft.linter.finding import Finding
from weft.linter.load import parse, problems
from weft.linter.positions import Positions, without_mark
from weft.linter.problem import INTERNAL
from weft.linter.report import Report
from weft.linter.rules import RULES
from weft.linter.suppress import suppressed
from weft.primitives.language import MAX_AGENTS

__all__ = ["lint"]


def lint(
    source: str,
    *,
    filename: str = "harness.py",
    workflows: Callable[[str], str | None] | None = None,
    max_agents: int = MAX_AGENTS,
) -> Report:
    """Check a harness. Nothing of it is executed.

    Args:
        source: The harness.
        filename: What to call it when the linter itself fails.
        workflows: Returns the source of a saved harness, for the bound of `workflow("name")`.
        max_agents: How many agents a run may start.
    """
    source = without_mark(source)
    tree = parse(source)
    if isinstance(tree, Finding):
        return Report((tree,), unknown_bound(tree.message, tree.line))
    report = _checked(source, filename, tree, workflows, max_agents)
    found = [
        *report.findings,
        *_found("what makes a file a harness", filename, lambda: problems(tree, Positions(source))),
    ]
    left = suppressed(found, source, tree)
    return replace(report, findings=tuple(sorted(left, key=lambda one: (one.line, one.column, one.code, one.message))))


def _checked(
    source: str, filename: str, tree: ast.Module, workflows: Callable[[str], str | None] | None, max_agents: int
) -> Report:
    try:
        facts = gather(source, tree, workflows, max_agents)
        fan_outs = list(facts.each(FanOut))
        bound, widths = bound_of(facts.cost, fan_outs), widths_of(fan_outs, facts.positions)
    except Exception as error:  # noqa: BLE001 - a fault of the linter must not keep a harness from being run
        return Report((_internal(filename, "following the harness", error),), unknown_bound("the linter failed"))
    found = [one for rule in RULES for one in _found(f"rule {rule.code}", filename, partial(rule.check, facts))]
    return Report(tuple(found), bound, widths)


def _found(where: str, filename: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - a fault in one rule must not silence the others
        return [_internal(filename, where, error)]


def _internal(filename: str, where: str, error: Exception) -> Finding:
    return INTERNAL.at(file=filename, where=where, error=f"{type(error).__name__}: {error}")
