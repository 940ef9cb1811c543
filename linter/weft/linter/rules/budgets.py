"""Figures of the budget: each with its unit, and a share where a share is due."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import at_least, number
from weft.linter.facts.domain.values import Number, Value, constant
from weft.linter.facts.events import Compared, PrimitiveCalled
from weft.linter.facts.readings import BudgetAsked, BudgetRead
from weft.linter.finding import Finding, Fix
from weft.linter.near import near_miss
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["LEAST_TOKENS", "BudgetUnit"]

READINGS = ("total", "spent", "remaining")
KNOWN = (*READINGS, "share_left")
UNITS = ("usd", "tokens")
WAYS = 'in "usd" or in "tokens"'


class BudgetUnit(Rule):
    """A figure of the budget has no unit, or is no share where one is due.

    What: `budget.total`, `budget.spent` and `budget.remaining` that are not called with `"usd"` or `"tokens"`; another
        name of `budget`; a `reserve` of `while_budget` that is no share between 0 and 1.
    Why: the run ends with an error there. Before units were written, dollars were compared with tokens, and loops that
        meant well never ran once.
    Bad:
        deep = budget.remaining() > 50_000
        for round in while_budget(reserve=50_000, max_rounds=12):
            log(await agent(f"Look further, {round.number}, {deep}"))
    Good:
        deep = budget.remaining("tokens") > 50_000
        for round in while_budget(reserve=0.2, max_rounds=12):
            log(await agent(f"Look further, {round.number}, {deep}"))
    When not: a unit in a variable; a reserve that is worked out.
    Fix: safe for a reading without a unit, which was one in tokens before: that is written. What part of the ceiling a
        reserve in tokens was, nobody can tell from the harness.
    """

    code = "R714"
    since = 2
    name = "budget-unit"
    severity = "error"
    message = "{problem}"
    why = "It raises an error here."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield readings without a unit, and reserves that are no share."""
        asked = {event.call.func: event for event in facts.each(BudgetAsked)}
        for node, event in {event.node: event for event in facts.each(BudgetRead)}.items():
            if event.name not in KNOWN:
                yield self._unknown(facts, node)
            elif event.name in READINGS and node not in asked and self._is_used(facts, node):
                yield self._uncalled(facts, node)
        for asking in {event.call: event for event in facts.each(BudgetAsked)}.values():
            yield from self._unit(facts, asking)
        yield from self._reserves(facts)

    def _reserves(self, facts: Facts) -> Iterator[Finding]:
        calls = [event.call for event in facts.each(PrimitiveCalled) if event.name == "while_budget"]
        for call in {call.node: call for call in calls}.values():
            node = call.keyword("reserve") or call.node
            if not _may_be_share(node, call.keywords.get("reserve")):
                problem = "A reserve is a share of the ceiling, between 0 and 1, in whichever unit is tighter."
                fix = suggestion("reserve=0.2 keeps a fifth; what part of the ceiling this was, only its author knows")
                yield self.found(facts, node, problem=problem, fix=fix)

    def _unknown(self, facts: Facts, node: ast.Attribute) -> Finding:
        near = near_miss(node.attr, KNOWN)
        fix = suggestion(f"Did you mean budget.{near}?" if near else f"There are: {', '.join(KNOWN)}.")
        return self.found(facts, node, problem=f"budget has no {node.attr}.", fix=fix)

    def _is_used(self, facts: Facts, node: ast.Attribute) -> bool:
        """Tell whether it is used as if it were a number; `total` was one, the others may be handed on to be called."""
        around = facts.places.parent(node)
        return isinstance(around, _USES) or (node.attr == "total" and around is not None)

    def _uncalled(self, facts: Facts, node: ast.Attribute) -> Finding:
        written = facts.positions.text(node)
        fix = suggestion(f'{written}("usd") or {written}("tokens")')
        call = facts.places.parent(node)
        if not (isinstance(call, ast.Call) and call.func is node) and node.attr == "total":
            edit = facts.positions.after(node, f"({_quoted(facts, node)})")
            fix = Fix("safe", f'{written}("tokens"), as it was', (edit,))
        return self.found(facts, node, problem=f"{written} has no value without its unit: {WAYS}.", fix=fix)

    def _unit(self, facts: Facts, asked: BudgetAsked) -> Iterator[Finding]:
        call, written = asked.call, facts.positions.text(asked.call.func)
        if not (call.args or call.keywords):
            whole = facts.positions.replace(call, f"{written}({_quoted(facts, call)})")
            fix = Fix("safe", f'{written}("tokens"), as it was', (whole,))
            if _seems_dollars(facts, call):
                fix = suggestion(f'{written}("usd"), if that is a number of dollars: no agent takes so few tokens')
            yield self.found(facts, call, problem=f"{written}() has no value without its unit: {WAYS}.", fix=fix)
        elif asked.unit is not None and (unit := constant(asked.unit)) is not None and unit not in UNITS:
            problem = f"{written} is read {WAYS}, not in {unit!r}."
            yield self.found(facts, call, problem=problem, fix=suggestion(f'{written}("usd")'))


LEAST_TOKENS = 1_000
"""Fewer tokens than this hardly any agent takes."""


def _seems_dollars(facts: Facts, call: ast.Call) -> bool:
    """Tell whether a reading is compared with a number that is too small for tokens."""
    sides = (
        side
        for event in facts.each(Compared)
        if facts.places.within(call, event.node)
        for side in (event.left, event.right)
    )
    highs = [side.high.constant for side in sides if isinstance(side, Number)]
    return any(high is not None and 0 < high < LEAST_TOKENS for high in highs)


def _quoted(facts: Facts, node: ast.AST) -> str:
    """Return the unit that was meant, in quotes that can stand here: a text with blanks does not take its own."""
    around = [facts.positions.text(outer) for outer in facts.places.around(node) if isinstance(outer, ast.JoinedStr)]
    return "'tokens'" if any('"' in written for written in around) else '"tokens"'


_USES = (
    ast.Compare,
    ast.BoolOp,
    ast.UnaryOp,
    ast.BinOp,
    ast.FormattedValue,
    ast.If,
    ast.IfExp,
    ast.While,
    ast.Subscript,
)
"""In what a reading is taken for a number."""


def _may_be_share(node: ast.AST, value: Value | None) -> bool:
    """Tell whether a number may be between 0 and 1, by how it is written or by what is known of it."""
    try:
        written = ast.literal_eval(node) if isinstance(node, (ast.Constant, ast.UnaryOp)) else None
    except ValueError:
        written = None
    if isinstance(written, (int, float)):
        return 0 <= written <= 1
    if not isinstance(value, Number):
        return True
    too_large = value.low is not None and at_least(value.low, number(2))
    return not (too_large or at_least(number(-1), value.high))
