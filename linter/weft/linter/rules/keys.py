"""What candidates of a round are compared with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.events import Fed, Tested
from weft.linter.finding import Finding, Related
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["DedupAgainstConfirmed"]


class DedupAgainstConfirmed(Rule):
    """Candidates are compared with what was confirmed, not with all that was seen.

    What: in a loop, candidates are left out that are already in a collection, and that collection only receives what an
        agent has judged after the test.
    Why: what was rejected is not in it, so it comes back every round and is verified again.
    Bad:
        confirmed = []
        for round in range(5):
            found = (await agent(f"Find claims, part {round}", schema=CLAIMS)) or {"claims": []}
            fresh = [c for c in found["claims"] if c["id"] not in {k["id"] for k in confirmed}]
            for c in fresh:
                if (await verify(c))["survives"]:
                    confirmed.append(c)
    Good:
        confirmed, seen = [], Seen(key=lambda c: c["id"])
        for round in range(5):
            found = (await agent(f"Find claims, part {round}", schema=CLAIMS)) or {"claims": []}
            for c in seen.add(found["claims"]):
                if (await verify(c))["survives"]:
                    confirmed.append(c)
    When not: the collection receives every candidate; a fixed list of names; a test after the last round.
    """

    code = "K301"
    name = "dedup-against-confirmed"
    severity = "error"
    message = "What candidates are compared with at line {test} only learns what survived (line {feed})."
    why = "Everything that was rejected comes back next round and is verified again."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each test against a collection that only survivors reach."""
        feeds = list(facts.each(Fed))
        reported: set[ast.expr] = set()
        for test in facts.each(Tested):
            survivors = _survivors(test, feeds)
            if survivors is None or test.node in reported:
                continue
            reported.add(test.node)
            line, fed = test.node.lineno, getattr(survivors.node, "lineno", 0)
            text = "Remember all candidates: seen = Seen(key=…) before the loop, fresh = seen.add(candidates) in it."
            related = [Related(line, "the test"), Related(fed, "only survivors are put in")]
            yield self.found(facts, test.node, test=line, feed=fed, fix=suggestion(text), related=related)


def _survivors(test: Tested, feeds: list[Fed]) -> Fed | None:
    """Return where the only collection of a test is fed, if nothing but survivors reach it."""
    within = [fed for fed in feeds if fed.memory in test.memories and set(fed.loops) & set(test.loops)]
    fed_memories = {fed.memory for fed in within}
    if len(fed_memories) != 1:
        return None
    (memory,) = fed_memories
    others = {fed.memory for fed in feeds} - fed_memories
    only_survivors = all(memory in fed.judged and not fed.judged & others for fed in within)
    return within[0] if only_survivors else None
