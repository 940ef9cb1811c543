"""`.full`, which only the lists of an agent's answer know."""

from __future__ import annotations

from collections.abc import Iterator

from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.readings import FullAsked
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["FullOfAnother"]


class FullOfAnother(Rule):
    """A list is asked whether it came back full that no agent has returned.

    What: `.full` of a list that the harness has made: a copy, a selection, several answers together, the results of
        a fan-out.
    Why: only a list of an answer under a schema knows how many items its `maxItems` allowed.
    Bad:
        reply = await agent("List claims", schema=CLAIMS, critical=True)
        claims = [claim for claim in reply["claims"] if claim]
        more = claims.full
    Good:
        reply = await agent("List claims", schema=CLAIMS, critical=True)
        claims = [claim for claim in reply["claims"] if claim]
        more = reply["claims"].full
    When not: lists inside the items of an answer, which know it too.
    """

    code = "R715"
    since = 2
    name = "full-of-another-list"
    severity = "error"
    message = "{expr} is no list of an answer, so nothing is known of how many items it could have had."
    why = "It raises AttributeError here."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each `.full` of a list that the harness has made."""
        answers = {event.node for event in facts.each(FullAsked) if event.answer}
        for node in {event.node: None for event in facts.each(FullAsked) if event.node not in answers}:
            fix = suggestion('read it off the answer itself, as in reply["claims"].full')
            yield self.found(facts, node, expr=unparsed(node.value), fix=fix)
