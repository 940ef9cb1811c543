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
from weft.linter.trials.worlds import Harness

__all__ = ["out_of_reach", "played"]


def played(facts: Facts) -> Harness:
    """Return the trials of a harness; there are none where no agent is asked to decide."""
    return facts.once(_played)


def _played(facts: Facts) -> Harness:
    return Harness(facts.tree, votes=_votes(facts))


def _votes(facts: Facts) -> bool:
    return bool(facts.unfollowed) or any(map(_may_decide, facts.each(Asked)))


def _may_decide(event: Asked) -> bool:
    """Tell whether somebody may be asked for a yes or no, a choice or a number."""
    if event.name != "agent" or not event.call.complete:
        return event.name in ("agent", "verify")
    given = event.call.keywords.get("schema")
    schema = schema_of(given, "")
    fields = [entry.value for entry in schema.fields().values()] if schema is not None else []
    only_said = bool(fields) and all(isinstance(one, (Listing, Dict)) or _is_said(one) for one in fields)
    return given is not None and not only_said


def _is_said(value: Value) -> bool:
    return isinstance(value, Text) and value.said


def _ballot(event: Asked) -> bool:
    """Tell whether an agent is asked to decide: its schema has a yes or no, or a choice, and no lists."""
    schema = schema_of(event.call.keywords.get("schema"), "")
    fields = [entry.value for entry in schema.fields().values()] if schema is not None else []
    return any(map(_decides, fields)) and not any(isinstance(value, (Listing, Dict)) for value in fields)


def _decides(value: Value) -> bool:
    return isinstance(value, Bool) or (isinstance(value, Text) and not _is_said(value))


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
