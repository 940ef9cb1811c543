"""Comparisons that cannot come out the way they are meant: of answers, of lengths, and of figures of the budget.

Texts that a field can never be are next door, in `choices`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Budget, Dict, Listing, Nothing, Number, Text, Value
from weft.linter.facts.events import Compared
from weft.linter.facts.known.verifying import VERDICT
from weft.linter.finding import Finding
from weft.linter.rules.budgets import LEAST_TOKENS
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.votes import out_of_reach
from weft.primitives.language.ceilings import CeilingsRefused, CeilingUnit, declared_ceilings

__all__ = ["BudgetScale", "DeadTest"]


class DeadTest(Rule):
    """A test of what agents have answered that can only come out one way.

    What: an answer that is never None is compared with None; a length or a number is compared with one that it is
        always above or always below, by its schema or by how the list was made.
    Why: what should happen in the other case never happens, and the case that it was meant for passes unnoticed.
    Bad:
        verdict = await verify("The cache is shared")
        return "open" if verdict is None else verdict["outcome"]
    Good:
        verdict = await verify("The cache is shared")
        return "open" if verdict["outcome"] == "undecided" else verdict["outcome"]
    When not: tests of what the harness itself says; parameters of a function, which others may call; what an earlier
        test has ruled out; an `if` that makes sure once more that a list is no longer than its `maxItems`.
    """

    code = "M101"
    name = "dead-test"
    severity = "warning"
    message = "This is always {outcome}: {why}."
    why = "What should happen in the other case never happens."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each comparison of what agents said that always comes out the same."""
        of_votes = out_of_reach(facts)
        """Of those that ask for too many votes, another rule speaks."""
        for node, events in _by_node(facts).items():
            outcomes, whys = {event.outcome for event in events}, [_why(event) for event in events]
            if node in of_votes or len(outcomes) > 1 or None in outcomes:
                continue
            if all(whys) and not _of_parameter(facts, node) and not _is_second_guard(facts, events[0]):
                fix = suggestion(_instead(events[0]))
                yield self.found(facts, node, outcome=str(events[0].outcome).lower(), why=whys[0], fix=fix)


def _instead(event: Compared) -> str:
    """Say what tells apart the cases that were meant."""
    sides = (event.left, event.right)
    if any(isinstance(side, Dict) and side.schema is not None and side.schema.name == VERDICT for side in sides):
        return 'Ask for ["outcome"] == "undecided": so it ends where no skeptic could decide.'
    return "Test what really tells the cases apart, or leave the test out."


def _by_node(facts: Facts) -> Mapping[ast.Compare, list[Compared]]:
    found: dict[ast.Compare, list[Compared]] = {}
    for event in facts.each(Compared):
        found.setdefault(event.node, []).append(event)
    return found


def _why(event: Compared) -> str:
    """Return why a comparison of an answer always comes out the same; nothing where that proves no mistake."""
    left, right = event.left, event.right
    if isinstance(left, Nothing) or isinstance(right, Nothing):
        node, value = (event.node.comparators[0], right) if isinstance(left, Nothing) else (event.node.left, left)
        return f"{unparsed(node)} is never None" if _is_answer(value) and not _ruled_out(value) else ""
    for node, value, other in ((event.node.left, left, right), (event.node.comparators[0], right, left)):
        if isinstance(value, Number) and isinstance(other, Number) and _is_said(value):
            return f"{unparsed(node)} is {_range(value)}"
    return ""


def _is_answer(value: Value) -> bool:
    return isinstance(value, (Dict, Listing, Text, Number)) and bool(about(value.marks, "says"))


def _is_said(value: Number) -> bool:
    measured = value.measures if isinstance(value.measures, Listing) else value
    return bool(about(deep_marks(measured), "says"))


def _ruled_out(value: Value) -> bool:
    """Tell whether a test before has found that it is not None."""
    return value.root is not None and value.root.lack is not None


def _range(value: Number) -> str:
    """Return in words what a number can be."""
    if value.exact is not None:
        return f"always {value.exact}"
    low = "" if value.low is None or value.low.constant is None else f"at least {value.low.text()}"
    high = "" if value.high.constant is None else f"at most {value.high.text()}"
    return " and ".join(filter(None, (low, high)))


def _is_second_guard(facts: Facts, event: Compared) -> bool:
    """Tell whether it only makes sure, beside the schema, that a list is no longer than the schema allows."""
    around = facts.places.parent(event.node)
    sides = [side for side in (event.left, event.right) if isinstance(side, Number)]
    lengths = [side for side in sides if isinstance(side.measures, Listing)]
    highs = {side.high.constant for side in sides}
    guards = isinstance(around, ast.If) and not around.orelse
    return guards and len(lengths) == 1 and len(highs) == 1 and event.outcome is False


def _of_parameter(facts: Facts, node: ast.Compare) -> bool:
    """Tell whether one side is a parameter of the function around, which may be called with anything."""
    function = facts.places.function(node)
    given = getattr(function, "args", None)
    if not isinstance(given, ast.arguments):
        return False
    names = {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    return any(isinstance(side, ast.Name) and side.id in names for side in (node.left, *node.comparators))


_MOST_DOLLARS = 1_000
"""More dollars than this no ceiling allows, unless the harness itself sets one."""


class BudgetScale(Rule):
    """A figure of the budget is compared with a number that is of another unit.

    What: tokens compared with less than a thousand; dollars compared with a thousand or more, or with more than
        `BUDGET` allows.
    Why: the comparison always comes out the same: the loop never runs, or never stops.
    Bad:
        while budget.remaining("usd") > 50_000:
            log(await agent("Look further"))
    Good:
        while budget.remaining("tokens") > 50_000:
            log(await agent("Look further"))
    When not: comparisons with 0; a number that is worked out from another reading.
    """

    code = "M102"
    since = 2
    name = "budget-scale"
    severity = "warning"
    message = "A number of {unit} is compared with {number}, {why}."
    why = "The comparison always comes out the same."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each comparison of a reading with a number that is out of its scale."""
        allowed = _declared(facts)
        for node, events in _by_node(facts).items():
            problem = next(filter(None, (_off_scale(event, allowed) for event in events)), None)
            if problem is not None:
                unit, number, why = problem
                other = "tokens" if unit == "usd" else "usd"
                fix = suggestion(f'Ask in "{other}", or for budget.share_left.')
                yield self.found(facts, node, unit=_WORDS[unit], number=number, why=why, fix=fix)


_WORDS: Mapping[CeilingUnit, str] = {"usd": "dollars", "tokens": "tokens"}


def _declared(facts: Facts) -> Mapping[CeilingUnit, float]:
    try:
        return declared_ceilings(facts.tree)
    except CeilingsRefused:
        return {}


def _off_scale(event: Compared, allowed: Mapping[CeilingUnit, float]) -> tuple[CeilingUnit, str, str] | None:
    """Return the unit of a reading, the number that it is compared with, and why it cannot be meant so."""
    left, right = event.left, event.right
    for node, read, other in ((event.node.comparators[0], left, right), (event.node.left, right, left)):
        if not isinstance(read, Number) or not isinstance(read.measures, Budget) or not isinstance(other, Number):
            continue
        low, high = None if other.low is None else other.low.constant, other.high.constant
        unit: CeilingUnit = "usd" if read.measures.unit == "usd" else "tokens"
        if low is None or high is None or low == high == 0:
            continue
        if unit == "tokens" and low >= 0 and high < LEAST_TOKENS:
            return unit, unparsed(node), "which is less than any agent takes"
        if unit in allowed and low > allowed[unit]:
            return unit, unparsed(node), f"and BUDGET allows {allowed[unit]:g}"
        if unit == "usd" and low >= _MOST_DOLLARS:
            return unit, unparsed(node), "which is more than any run may cost"
    return None
