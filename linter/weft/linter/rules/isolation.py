"""Agents that get in one another's way."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ONE, at_least
from weft.linter.facts.domain.values import Nothing, Number
from weft.linter.facts.events import Asked
from weft.linter.facts.known.acting import edits
from weft.linter.facts.repeating import FanOut
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["EditsWithoutWorktree"]


class EditsWithoutWorktree(Rule):
    """Agents that edit the same files at the same time.

    What: an agent of a branch or stage edits (its tools or its prompt say so) and has no isolation.
    Why: they overwrite one another's changes in one working tree.
    Bad:
        await parallel([agent(f"Rename x in the file {f}", tools=["edit"]) for f in FILES])
    Good:
        await parallel([agent(f"Rename x in the file {f}", tools=["edit"], isolation="worktree") for f in FILES])
    When not: agents that only read, advise or return a text; copies or sandboxes of their own; a loop that awaits one
        after the other; limit=1.
    """

    code = "I901"
    name = "edits-without-worktree"
    severity = "warning"
    message = "{n}gents would edit one working tree at the same time."
    why = "They overwrite one another's changes."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each agent that edits beside others."""
        found: dict[ast.Call, FanOut] = {}
        editing = [event for event in facts.each(Asked) if _edits(event, facts)]
        at_work: dict[FanOut, set[object]] = {}
        for event in editing:
            for fanout in event.inside:
                at_work.setdefault(fanout, set()).add(event.single.get(fanout))
        for event in editing:
            several = (one for one in event.inside if at_work[one] == {None} or len(at_work[one]) > 1)
            beside = next((fanout for fanout in several if _together(fanout)), None)
            if beside is not None:
                found.setdefault(event.call.node, beside)
        for node, fanout in found.items():
            n = "A" if fanout.width.reasons else f"{fanout.width.settled().text()} a"
            text = 'Give each a worktree of its own (isolation="worktree"), or run them one after another (limit=1).'
            yield self.found(facts, node, n=n, fix=suggestion(text))


def _edits(event: Asked, facts: Facts) -> bool:
    """Tell whether an agent is said to edit the one working tree."""
    isolation = event.call.keywords.get("isolation")
    apart = isolation is not None and not isinstance(isolation, Nothing)
    return event.name == "agent" and event.call.complete and not apart and edits(event.call, facts.role_of)


def _together(fanout: FanOut) -> bool:
    """Tell whether a fan-out runs several branches at the same time."""
    if at_least(ONE, fanout.width):
        return False
    return not (isinstance(fanout.limit, Number) and fanout.limit.exact == 1)
