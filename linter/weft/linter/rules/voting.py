"""Votes that say less than they seem to: not independent of one another, or counted the wrong way."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import about
from weft.linter.facts.events import Asked
from weft.linter.finding import Finding, Related
from weft.linter.rules.asking import calls
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.votes import asked_alike, ballot, tallies

__all__ = ["IdenticalSkeptics", "SkepticsSeeVotes"]


class IdenticalSkeptics(Rule):
    """Several voters are asked exactly the same.

    What: agents that decide about one thing, and whose decisions are counted, get equal prompts and options.
    Why: what one gets wrong the others get wrong too, so that many votes are worth little more than one.
    Bad:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        votes = await parallel([agent("Refute: the sky is green", schema=vote) for _ in range(5)])
        kept = sum(1 for v in votes if v and v["ok"]) >= 3
    Good:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        lenses = ["sources", "logic", "scope"]
        votes = await parallel([agent(f"Refute by {l}: the sky is green", schema=vote) for l in lenses])
        kept = sum(1 for v in votes if v and v["ok"]) >= 2
    When not: prompts, profiles or models that differ; drafts that nobody counts.
    """

    code = "V803"
    name = "identical-skeptics"
    severity = "warning"
    message = "{n} votes from one prompt are nearly one vote."
    why = "They make the same mistakes."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each voter that is asked the same several times."""
        fix = suggestion("Give each voter a lens of its own, or use verify(lenses=[…]).")
        for node, items in asked_alike(facts).items():
            size = count(items.parts).high
            yield self.found(facts, node, n="Several" if size.reasons else size.settled().text(), fix=fix)
        for same in _written_alike(facts):
            related = [Related(other.lineno, "the same question") for other in same[1:]]
            yield self.found(facts, same[0], n=len(same), fix=fix, related=related)


def _written_alike(facts: Facts) -> Iterator[list[ast.Call]]:
    """Yield the voters in a list that is written out which are asked the same."""
    voters = {node for node, events in calls(facts).items() if all(map(ballot, events))}
    counted = {call for _, says in tallies(facts) for call in says}
    for written in facts.places.nodes:
        if not isinstance(written, (ast.List, ast.Tuple)):
            continue
        alike: dict[str, list[ast.Call]] = {}
        for node in written.elts:
            if isinstance(node, ast.Call) and node in voters & counted:
                options = [keyword for keyword in node.keywords if keyword.arg not in ("label", "phase")]
                alike.setdefault(ast.dump(ast.Call(node.func, node.args, options)), []).append(node)
        yield from (same for same in alike.values() if len(same) > 1)


class SkepticsSeeVotes(Rule):
    """A voter is shown how others have voted.

    What: the prompt of an agent holds what another voter said, and the decisions of both are counted together.
    Why: the count is not of independent opinions: later voters follow the first.
    Bad:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        one = await agent("Is it sound?", schema=vote, critical=True)
        two = await agent(f"Is it sound? The first said {one['ok']}", schema=vote, critical=True)
        kept = sum(v["ok"] for v in (one, two)) == 2
    Good:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        votes = await parallel([agent(f"As {r}, is it sound?", schema=vote) for r in ("a", "b")])
        kept = sum(1 for v in votes if v and v["ok"]) == 2
    When not: a chair who reads the votes and is not counted; later rounds whose votes replace the earlier ones.
    """

    code = "V804"
    name = "skeptics-see-votes"
    severity = "warning"
    message = "This voter reads earlier votes, so that the count at line {line} is not of independent opinions."
    why = "Later voters follow the first."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each voter that is shown a vote it is counted with."""
        events = calls(facts)
        counted = tallies(facts)
        for node, asked in events.items():
            for event in asked:
                told = about(event.marks.get("prompt", frozenset()) | event.marks.get("context", frozenset()), "says")
                others = [other for other in told if other in events and _same_ballot(event, events[other], node)]
                places = [place for place, says in counted if node in says and says & set(others)]
                if places:
                    line = getattr(places[0], "lineno", 0)
                    text = "Ask all of them in one parallel; let a chair read the votes."
                    yield self.found(facts, node, line=line, fix=suggestion(text))
                    break


def _same_ballot(event: Asked, others: list[Asked], node: ast.Call) -> bool:
    """Tell whether an agent votes with others in one round."""
    rounds = [loop for loop in event.made if loop.kind in ("for", "while")]
    if not ballot(event):
        return False
    if others[0].call.node is node:
        one_by_one = len(rounds) == 1 and bool(rounds[0].waits) and not rounds[0].helper
        return one_by_one and event.made[-1] is rounds[0] and not rounds[0].leaves
    schema = event.call.keywords.get("schema")
    alike = [other for other in others if other.call.keywords.get("schema") is schema]
    return any([loop for loop in other.made if loop.kind in ("for", "while")] == rounds for other in alike)
