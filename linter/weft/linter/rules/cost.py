"""What a run can cost: fan-outs whose width nothing limits."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ZERO, Amount, Reason
from weft.linter.facts.events import FanOut, Loop
from weft.linter.finding import Finding, Related
from weft.linter.rules.loops import unbounded_loops
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["UnboundedFanout"]


class UnboundedFanout(Rule):
    """As many branches as an agent likes to return.

    What: the width of a fan-out is the length of a list from an agent, with no cap anywhere.
    Why: each element starts agents; similar scripts have launched hundreds.
    Bad:
        PAGES = {"type": "object", "properties": {"urls": {"type": "array", "items": {"type": "string"}}}}
        found = await agent("List pages", schema=PAGES)
        texts = await parallel([agent(f"Read {u}") for u in found["urls"]]) if found else []
    Good:
        URLS = {"type": "array", "maxItems": 9, "items": {"type": "string"}}
        PAGES = {"type": "object", "properties": {"urls": URLS}}
        found = await agent("List pages", schema=PAGES)
        texts = await parallel([agent(f"Read {u}") for u in found["urls"]]) if found else []
    When not: a width from args, which is known at launch; constants; capped or sliced lists (`xs[2:]` is no cap).
    """

    code = "C601"
    name = "unbounded-fanout"
    severity = "warning"
    message = "Up to {per} agents per element, and nothing limits how many there are: {origin}."
    why = "Similar scripts launched 355 and 547 agents."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the first fan-out over each list that nothing limits."""
        endless = set(unbounded_loops(facts))
        first: dict[tuple[int, str], tuple[ast.AST, Amount, Reason, list[int]]] = {}
        for node, width, each, loops in _widths(facts):
            if each == ZERO or any(loop.node in endless for loop in loops):
                continue
            for reason in width.reasons[:1]:
                known = first.setdefault((reason.line, reason.why), (node, each, reason, []))
                known[3].append(getattr(node, "lineno", 0))
        for node, each, reason, lines in first.values():
            others = [
                Related(line, "the same list fans out here") for line in sorted({*lines} - {getattr(node, "lineno", 0)})
            ]
            per = each.settled().text() if not each.reasons else "more"
            yield self.found(facts, node, per=per, origin=reason.why, fix=suggestion(f"{reason.fix}."), related=others)


def _widths(facts: Facts) -> Iterator[tuple[ast.AST, Amount, Amount, tuple[Loop, ...]]]:
    """Yield each fan-out, or loop of awaits, with its width and what each element costs."""
    for event in facts.events:
        match event:
            case FanOut() if _capless(event.width):
                yield event.node, event.width, event.each, event.loops
            case Loop(kind="for", cause="list", rounds=Amount() as rounds, agents=Amount() as each) if (
                event.waits and _capless(rounds)
            ):
                yield event.node, rounds, each, event.place


def _capless(width: Amount) -> bool:
    return any(reason.kind in ("schema", "unknown") for reason in width.reasons)
