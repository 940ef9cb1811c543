"""What may be there several times where each copy is verified."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ONE, ZERO, at_least, number
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.marks import NO_MARKS, TESTED, Marks, Piece, about
from weft.linter.facts.domain.values import Dict, Text, Value
from weft.linter.facts.events import Asked, PrimitiveCalled
from weft.linter.facts.remembering import Fed, Keyed, LookedFor
from weft.linter.facts.repeating import FanOut, Loop
from weft.linter.finding import Finding
from weft.linter.record import record, replace
from weft.linter.rules.rounds import is_round
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["VerifyBeforeDedup", "is_told", "tests_of_memories"]


@record()
class _Check:
    """One agent of several that judge one item."""

    asked: Asked
    place: ast.AST
    marks: Marks
    """Marks of the item, and of the conditions under which it is judged."""
    finders: frozenset[object]
    """The calls of agents that gave the item."""


class VerifyBeforeDedup(Rule):
    """Findings are verified before duplicates are removed.

    What: items from several branches are verified and only then deduplicated; or each round verifies what it found,
        and nothing compares that with earlier rounds.
    Why: each copy of the same finding is verified by several agents.
    Bad:
        async def check(claim):
            verdict = await verify(claim["id"])
            return claim if verdict["survives"] else None
        found = await parallel([agent(f"Review {f}", schema=CLAIMS) for f in FILES])
        claims = [claim for one in found if one for claim in one["claims"]]
        unique = dedup([claim for claim in await pipeline(claims, check) if claim], key=lambda c: c["id"])
    Good:
        async def check(claim):
            verdict = await verify(claim["id"])
            return claim if verdict["survives"] else None
        found = await parallel([agent(f"Review {f}", schema=CLAIMS) for f in FILES])
        claims = dedup([claim for one in found if one for claim in one["claims"]], key=lambda c: c["id"])
        real = [claim for claim in await pipeline(claims, check) if claim]
    When not: one finder and one round; rounds that are told what was found; one for each of several numbers, if nothing
        says that they find the same; deduplication before the verification.
    """

    code = "K304"
    name = "verify-before-dedup"
    severity = "warning"
    message = "{who} can report the same item, and each copy is verified here."
    why = "Each copy costs as many agents as the first; 14 finders once reported the same 10 bugs."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each verification of what may be there several times."""
        found = _Found(facts)
        reported: set[ast.AST] = set()
        for check in found.checks():
            rounds = found.in_each_round(check)
            repeated = rounds or found.taken_out_later(check)
            # Of several branches, the fan-out counts in which all copies are: what a branch verifies is there once.
            place = check.asked.inside[0].node if check.asked.inside and not rounds else check.place
            if repeated is None or place in reported:
                continue
            reported.add(place)
            fix = suggestion("Remove duplicates first: dedup, or a Seen.")
            yield self.found(facts, place, who=repeated, fix=fix)


class _Found:
    """What happened that says whether an item is there once."""

    def __init__(self, facts: Facts) -> None:
        self.asked = list(facts.each(Asked))
        self.feeds = list(facts.each(Fed))
        keyed = (one for one in facts.each(Keyed) if one.key is not None or _is_what_was_found(one.item))
        self.unique = [one.marks | deep_marks(one.item) for one in keyed]
        self.unique += [deep_marks(test.item) for test in tests_of_memories(facts)]
        alike = (one.call.argument(0) for one in facts.each(PrimitiveCalled) if one.name == "semantic_dedup")
        self.unique += [deep_marks(items) for items in alike if items is not None]
        """The marks of items, wherever copies are taken out."""

    def checks(self) -> Iterator[_Check]:
        """Yield what several agents each are asked about an item that another one has found."""
        for one in self.asked:
            lists = NO_MARKS.union(*(deep_marks(fanout.items) for fanout in one.inside))
            marks = one.marks.get("prompt", NO_MARKS)
            finders, known = about(marks | lists, "says"), marks | one.control
            walks = bool(one.inside) and about(deep_marks(one.inside[-1].items), "says")
            place = one.inside[-1].node if walks else one.call.node
            if one.name == "verify" and finders:
                yield _Check(one, place, known, finders)
            elif panel := self._panel(one, about(marks, "says")):
                yield _Check(one, (panel if isinstance(panel, FanOut) else one.inside[-1]).node, known, finders)

    def _panel(self, one: Asked, said: frozenset[object]) -> FanOut | Loop | None:
        """Return what walks items that agents have listed, where each of them costs several agents."""
        for fanout in one.inside:
            if at_least(fanout.each, number(2)) and said & about(deep_marks(fanout.items), "says"):
                return fanout
        for loop in one.runs:
            over = loop.over if loop.kind == "for" and one.inside else None
            if over is not None and at_least(loop.agents or ZERO, number(2)) and said & about(deep_marks(over), "says"):
                return loop
        return None

    def in_each_round(self, check: _Check) -> str | None:
        """Say so where rounds verify what they find and know nothing of each other."""
        for loop in check.asked.runs[:-1]:
            met = any(isinstance(one, Birth) and loop not in one.loops for one in about(check.marks, *TESTED))
            if is_round(loop) and not met and self._gathers(loop):
                finders = [one for one in self.asked if one.call.node in check.finders and loop in one.runs]
                kept = [fed.marks for fed in self.feeds if fed.once]
                numbered = any(_is_numbered(one, loop) for one in finders)
                if numbered and not self._are_told_apart(check, [*self.unique, *kept]):
                    continue  # each may ask about another part
                if finders and not any(is_told(one, loop) for one in finders):
                    return "Several rounds"
        return None

    def _gathers(self, loop: Loop) -> bool:
        """Tell whether rounds put something into what outlives them."""
        within = (fed for fed in self.feeds if loop in fed.loops)
        return loop.helper is not None or any(loop not in fed.memory.loops for fed in within)

    def taken_out_later(self, check: _Check) -> str | None:
        """Say so where items of several branches are deduplicated only after they were verified."""
        finders = [one for one in self.asked if one.call.node in check.finders]
        widths = (fanout.width for one in finders for fanout in one.inside)
        if about(check.marks, *TESTED) or all(width == ONE for width in widths):
            return None
        return "Several branches" if self._are_told_apart(check, self.unique) else None

    def _are_told_apart(self, check: _Check, unique: list[Marks]) -> bool:
        """Tell whether copies of what was verified are taken out; `unique`: the marks of what is there once."""
        decided = (one for one in unique if check.asked.call.node in about(one, "answer", "hinges", "says"))
        return any(about(marks, "says") & check.finders for marks in decided)


def tests_of_memories(facts: Facts) -> Iterator[LookedFor]:
    """Yield where something is looked for in the memories that let through what is not there yet."""
    lets_through = {fed.memory for fed in facts.each(Fed) if fed.memory in about(fed.marks, "passed")}
    for test in facts.each(LookedFor):
        if memories := lets_through & test.memories:
            yield replace(test, memories=memories)


def _is_numbered(finder: Asked, loop: Loop) -> bool:
    """Tell whether a finder is told the number that a loop counts to some other."""
    return loop.kind == "for" and loop.helper is None and loop in about(finder.marks.get("prompt", NO_MARKS), "made")


def is_told(finder: Asked, loop: Loop) -> bool:
    """Tell whether a finder is shown what agents said in earlier rounds."""
    return any(loop in about(given, "earlier") and about(given, "says") for given in finder.marks.values())


def _is_what_was_found(item: Value) -> bool:
    """Tell whether a set is of what agents list, and not of one field of it, such as the files in which it is."""
    pieces = (piece for piece in about(item.marks, "made") if isinstance(piece, Piece))
    return isinstance(item, Dict) or (isinstance(item, Text) and item.said and all(one.field is None for one in pieces))
