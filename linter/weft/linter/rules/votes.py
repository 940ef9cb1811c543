"""What rules ask about votes that a harness counts by hand: who decides, and which thresholds are out of reach."""

from __future__ import annotations

import ast

from weft.linter.facts import Facts
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.schema import schema_of
from weft.linter.facts.domain.values import Bool, Dict, Listing, Number, Text, Value
from weft.linter.facts.events import Asked, Compared
from weft.linter.rules.asking import calls

__all__ = ["out_of_reach"]


def _ballot(event: Asked) -> bool:
    """Tell whether an agent is asked to decide: its schema has a yes or no, or a choice, and no lists."""
    schema = schema_of(event.call.keywords.get("schema"), "")
    fields = [entry.value for entry in schema.fields().values()] if schema is not None else []
    return any(map(_decides, fields)) and not any(isinstance(value, (Listing, Dict)) for value in fields)


def _decides(value: Value) -> bool:
    return isinstance(value, Bool) or (isinstance(value, Text) and not value.said)


def out_of_reach(facts: Facts) -> dict[ast.Compare, tuple[int, int]]:
    """Return the comparisons that ask for more votes than there can be: for how many, and how many there are."""
    ballots = {node for node, events in calls(facts).items() if all(map(_ballot, events))}
    found: dict[ast.Compare, tuple[int, int]] = {}
    within: set[ast.Compare] = set()
    for event in facts.each(Compared):
        beyond = _beyond(event, ballots)
        if beyond is None:
            within.add(event.node)
        else:
            found[event.node] = beyond
    return {node: beyond for node, beyond in found.items() if node not in within}


def _beyond(event: Compared, ballots: set[ast.Call]) -> tuple[int, int] | None:
    for counted, threshold in ((event.left, event.right), (event.right, event.left)):
        if event.outcome is None or not isinstance(counted, Number) or not isinstance(threshold, Number):
            continue
        measured = counted.measures if isinstance(counted.measures, Listing) else counted
        decided = about(deep_marks(measured), "hinges")
        most, wanted = counted.high.constant, None if threshold.low is None else threshold.low.constant
        if most is None or wanted is None or not decided or not decided <= ballots:
            continue
        if wanted >= most > 0:
            return max(wanted, most + 1), most
    return None
