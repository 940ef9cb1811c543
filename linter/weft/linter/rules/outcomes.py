"""What becomes of a skeptic who was outvoted."""

from __future__ import annotations

from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import contents
from weft.linter.facts.domain.intervals import EXACTLY_ONE
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Dict, Listing, Value, constant
from weft.linter.facts.events import Asked
from weft.linter.facts.known.verifying import VERDICT
from weft.linter.facts.readings import FieldRead
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["OutvotedUnseen"]


class OutvotedUnseen(Rule):
    """A lens of its own can be outvoted, and nothing tells.

    What: `verify` with lenses that the harness names, `veto=False` and a quorum below their number, where the votes are
        neither read, returned nor shown to an agent.
    Why: a lens is mostly a condition that must hold: "the quotation stands there". The others outvote it, and the claim
        survives without a trace of it.
    Bad:
        verdict = await verify("It is patched", lenses=["it compiles", "it gives the same rows"], quorum=1, veto=False)
        return verdict["outcome"]
    Good:
        verdict = await verify("It is patched", lenses=["it compiles", "it gives the same rows"], quorum=1)
        return verdict["outcome"]
    When not: `votes=n` or the default lenses, which all look at the whole claim; the votes are told.
    """

    code = "M103"
    name = "outvoted-unseen"
    severity = "warning"
    since = 2
    message = "Of {lenses} lenses {quorum} suffice here, and one that refutes leaves no trace."
    why = "What one of them was to make sure of is outvoted by the others."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each call of `verify` whose lenses can be outvoted unseen."""
        told = _told(facts, "votes")
        calls = {event.call.node: event.call for event in facts.each(Asked) if event.name == "verify"}
        for node, call in calls.items():
            size = _lenses(call)
            quorum = size // 2 + 1 if "quorum" not in call.keywords else constant(call.keywords["quorum"])
            vetoed = constant(call.keywords.get("veto")) is not False
            if isinstance(quorum, int) and 0 < quorum < size and not vetoed and node not in told:
                fix = suggestion('Leave veto=False out, so that one "refuted" decides; or return the ["votes"] too.')
                yield self.found(facts, call.keyword("veto") or node, lenses=size, quorum=quorum, fix=fix)


def _lenses(call: Call) -> int:
    """Return how many lenses a call of `verify` names; 0 where that is not known."""
    lenses = call.keywords.get("lenses")
    return len(lenses.parts) if isinstance(lenses, Listing) and _all_known(lenses) else 0


def _all_known(lenses: Listing) -> bool:
    return all(part.count == EXACTLY_ONE and constant(part.element) is not None for part in lenses.parts)


def _of_verify(read: FieldRead) -> bool:
    return _is_verdict(read.answer)


def _is_verdict(answer: Value) -> bool:
    return isinstance(answer, Dict) and answer.schema is not None and answer.schema.name == VERDICT


def _told(facts: Facts, *fields: str) -> set[object]:
    """Return the calls of `verify` of whose verdicts these fields are read, or which are told as a whole."""
    read = {
        call
        for event in facts.each(FieldRead)
        if event.field in fields and _of_verify(event)
        for call in about(event.answer.marks, "says")
    }
    shown = {call for event in facts.each(Asked) for marks in event.marks.values() for call in about(marks, "says")}
    whole = {call for value in contents(facts.result) if _is_verdict(value) for call in about(value.marks, "says")}
    return read | shown | whole
