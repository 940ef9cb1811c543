"""Votes that say less than they seem to: not independent of one another, or counted the wrong way."""

from __future__ import annotations

from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.finding import Finding, Related
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.votes import played
from weft.linter.trials.counting import asked_alike, lenses_alike, shown_votes

__all__ = ["IdenticalSkeptics", "SkepticsSeeVotes"]


class IdenticalSkeptics(Rule):
    """Several voters are asked exactly the same.

    What: agents that decide about one thing, and whose decisions are counted, get equal prompts and options; or several
        skeptics of `verify` get one lens.
    Why: what one gets wrong the others get wrong too, so that many votes are worth little more than one.
    Bad:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        votes = await parallel([agent("Refute: the sky is green", schema=vote) for _ in range(5)])
        return sum(1 for v in votes if v and v["ok"]) >= 3
    Good:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        lenses = ["sources", "logic", "scope"]
        votes = await parallel([agent(f"Refute by {l}: the sky is green", schema=vote) for l in lenses])
        return sum(1 for v in votes if v and v["ok"]) >= 2
    When not: prompts, profiles or models that differ; drafts that nobody counts.
    """

    code = "V803"
    name = "identical-skeptics"
    severity = "warning"
    message = "{n} votes from one prompt are nearly one vote."
    why = "They make the same mistakes."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each voter that is asked the same as another."""
        fix = suggestion("Give each voter a lens of its own, or use verify(lenses=[…]).")
        found = {one.first.node: one for one in reversed([*asked_alike(played(facts))])}
        for node, one in found.items():
            apart = one.second.node is not node
            related = [Related(one.second.node.lineno, "the same question")] if apart else []
            yield self.found(facts, node, n=one.votes, fix=fix, related=related)
        for node, votes in {asking.node: votes for asking, votes in lenses_alike(played(facts))}.items():
            yield self.found(facts, node, n=votes, fix=fix)


class SkepticsSeeVotes(Rule):
    """A voter is shown how others have voted.

    What: the prompt of an agent holds what another voter said, and the decisions of both are counted together.
    Why: the count is not of independent opinions: later voters follow the first.
    Bad:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        one = await agent("Is it sound?", schema=vote, critical=True)
        two = await agent(f"Is it sound? The first said {one['ok']}", schema=vote, critical=True)
        return sum(v["ok"] for v in (one, two)) == 2
    Good:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        votes = await parallel([agent(f"As {r}, is it sound?", schema=vote) for r in ("a", "b")])
        return sum(1 for v in votes if v and v["ok"]) == 2
    When not: a chair who reads the votes and is not counted; later rounds whose votes replace the earlier ones.
    """

    code = "V804"
    name = "skeptics-see-votes"
    severity = "warning"
    message = "This voter reads earlier votes, so that the count at line {line} is not of independent opinions."
    why = "Later voters follow the first."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each voter that is shown a vote it is counted with."""
        fix = suggestion("Ask all of them in one parallel; let a chair read the votes.")
        for node, one in {one.second.node: one for one in shown_votes(played(facts))}.items():
            line = getattr(one.place, "lineno", node.lineno)
            yield self.found(facts, node, line=line, fix=fix)
